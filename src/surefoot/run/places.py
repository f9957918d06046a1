"""The names of what lies in a workspace's folder."""

SOLUTION_FILE = "surefoot.toml"
INNER = ".surefoot"
