"""`/v1/responses`: questions with their search, kept as conversations."""
