"""Users of the tiny app, as a person would write them, with an option of their own."""

from locust import FastHttpUser, HttpUser, constant, events, tag, task


@events.init_command_line_parser.add_listener
def add_option(parser):
    """Take an option of the file's own."""
    parser.add_argument("--item", type=int, default=3)


class Reader(FastHttpUser):
    """Asks for items all the time."""

    wait_time = constant(0.02)
    fixed_count = 3

    @task
    def read(self):
        """Ask for one item, under a name of its own."""
        item = self.environment.parsed_options.item
        self.client.get(f"/items/{item}", name=f"item {item}")


class Buyer(HttpUser):
    """Asks for what blocks, now and then."""

    wait_time = constant(0.2)

    @task
    def buy(self):
        """Ask for what holds the loop, each time of another worker: a reader stays with one."""
        self.client.get("/slow", headers={"connection": "close"})

    @tag("refused")
    @task
    def ask_in_vain(self):
        """Ask for what is refused."""
        self.client.get("/refused")
