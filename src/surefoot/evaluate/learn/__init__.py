"""What is learnt from an eval set: fusion weights, reranking, the size of chunks."""
