"""Pack readers and writers: bytes become a pack, or every fault at once. One registry names the formats."""
