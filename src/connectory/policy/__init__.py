"""Policy as code: Rego rules, the document that they judge, and the engine that runs them.

Whatever is not a clear yes is a no: a rule that fails, answers nothing usable, takes too long
or reads what the document does not have never lets anything through.
"""
