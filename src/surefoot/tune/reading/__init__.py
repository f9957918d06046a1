"""Files of training rows in any of the common formats: told apart by what is in them, never by a setting."""

from surefoot.tune.reading.files import Evidence, Reading, join_readings, read_file, read_text

__all__ = ["Evidence", "Reading", "join_readings", "read_file", "read_text"]
