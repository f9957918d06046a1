"""The methods side by side on the same questions: prompting, retrieval, tuning, and both."""
