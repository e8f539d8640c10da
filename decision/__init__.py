"""Decision analysis: influence diagrams, decision trees and expected outcomes."""
