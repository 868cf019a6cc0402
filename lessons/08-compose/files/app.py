from flask import Flask
from redis import Redis

app = Flask(__name__)
redis = Redis(host="store")

@app.route("/")
def hits():
    count = redis.incr("hits")
    return f"<h1>You are visitor number {count}</h1>"

app.run(host="0.0.0.0", port=5000)
