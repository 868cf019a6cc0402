"""Makes public/index.html of all files in articles/."""
from html import escape
from pathlib import Path

parts = ["<h1>Our harbour</h1>"]
for article in sorted(Path("articles").glob("*.txt")):
    title, *lines = article.read_text().splitlines()
    parts.append(f"<h2>{escape(title)}</h2><p>{escape(' '.join(lines))}</p>")

Path("public").mkdir(exist_ok=True)
Path("public/index.html").write_text("\n".join(parts) + "\n")
