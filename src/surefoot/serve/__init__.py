"""Servers: HTTP in the shapes that clients know, and MCP. The only async code of the house is here."""
