from itertools import cycle
from flask import Flask

app = Flask(__name__)
colours = cycle(["gold", "skyblue", "salmon", "palegreen"])

@app.route("/")
def hello():
    return f'<body style="background: {next(colours)}"><h1>Hello world</h1></body>'

app.run(host="0.0.0.0", port=5000)
