"""Documents that try to give a chat model orders, and how often it follows them."""

from surefoot.evaluate.attacks.running import Attacked, attack
from surefoot.evaluate.attacks.suite import Attack, attacks

__all__ = ["Attack", "Attacked", "attack", "attacks"]
