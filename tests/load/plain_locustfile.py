"""Users who ask for nothing in particular."""

from locust import FastHttpUser, constant, task


class User(FastHttpUser):
    """Asks ten times a second."""

    wait_time = constant(0.1)

    @task
    def ask(self):
        """Ask for what any server has."""
        self.client.get("/")
