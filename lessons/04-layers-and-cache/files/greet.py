import click

@click.command()
@click.option("--name", default="world")
def greet(name):
    click.secho(f"Hello {name}", fg="green")

greet()
