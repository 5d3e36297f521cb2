"""Who decides and by what rule: rules are scalar nouns for one firm; columns are declared here once."""
