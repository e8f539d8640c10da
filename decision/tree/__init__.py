"""The decision tree: the diagram's other view, unrolled and rolled back on its own.

An influence diagram says what depends on what; the tree tells the same problem as a
story, one variable after another in the order in which they become known (Shachter
1986; Call and Miller 1990, "A comparison of approaches and implementations for
automating decision analysis", Reliability Engineering and System Safety 30).

- *Order*: decisions and observations in time order, then the chance nodes that no
  decision observes, in file order, without those that no value depends on.
- *Probabilities* of a branch are conditional on the whole path before it: where the
  diagram points from cause to sign and the sign is seen first, Bayes' rule turns the
  arc (forward filtering, `filtering`).
- *Asymmetry*: a branch of probability 0 or a closed option is not there; a node left
  with one branch is no fork and is passed over (Smith, Holtzman and Matheson 1993,
  "Structuring conditional relationships in influence diagrams", Operations Research
  41(2), doi:10.1287/opre.41.2.280).
- *Coalescence*: equal subtrees are one node (Olmsted 1983), so that the tree is a
  directed acyclic graph. An end's value is the total of its whole path.
- *Rolling back*: from the ends to the root, expectations at chance nodes, the best
  option at decisions, by certain equivalent under exponential utility. The expected
  value then stays the expectation under the options so chosen.

The roll-back shares no code with `decision.solve`: each checks the other.
"""

from decision.tree.nodes import Branch, Tree, TreeNode
from decision.tree.unrolling import unroll

__all__ = ["Branch", "Tree", "TreeNode", "unroll"]
