"""Long runs in virtual time: more than a hundred hours of one stream, thousands of starts, stops and kills."""
