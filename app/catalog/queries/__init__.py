"""Reading the catalog: columns instead of entities, answers as plain tables ready to be sent."""
