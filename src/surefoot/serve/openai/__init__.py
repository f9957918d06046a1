"""The shapes of OpenAI's API (openai 3.54)."""
