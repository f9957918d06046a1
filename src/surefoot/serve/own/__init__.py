"""surefoot's own API: answers with all their evidence, documents, traces, feedback, runs."""
