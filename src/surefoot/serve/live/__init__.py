"""What a server does beside answering: keeps the corpus in step, keeps answers, tells a collector of traces."""
