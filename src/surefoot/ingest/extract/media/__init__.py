"""Text recognition of scans and pictures, and speech recognition, inside a reading process."""
