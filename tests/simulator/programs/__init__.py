"""Sets of resources as they are usual in public programs that deploy AKS with azure-native."""
