"""The names of what lies in a workspace's folder."""

SOLUTION_FILE = "surefoot.toml"
INNER = ".surefoot"
KEPT = "kept"
"""The folder, inside, of what can be made again at any time."""
CONVERSATIONS = "conversations"
