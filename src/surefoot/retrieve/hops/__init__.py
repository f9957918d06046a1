"""Second searches: from names, links and words of the first hits to further passages."""
