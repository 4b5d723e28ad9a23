__pycache__/
.pytest_cache/
.venv/
*.tar.gz
