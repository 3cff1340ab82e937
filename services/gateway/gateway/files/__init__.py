"""Files: taken in, looked into, kept while a record holds them, and read again by whom the record allows."""
