{"text": "The export is done"}
