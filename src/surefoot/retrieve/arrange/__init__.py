"""What is done to hits for reading: order, variety, size, sections, neighbours."""
