import click

@click.command()
@click.option("--name", default="world")
def greet(name):
    click.secho(f"Good evening {name}", fg="green")

greet()
