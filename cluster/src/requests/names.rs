//! Which resources the scheduler counts.

use crate::labels::is_qualified_name;

/// Whether the scheduler counts the resource beside CPU, memory, ephemeral storage and pods: extended resources, huge
/// pages, attachable volumes and anything of `kubernetes.io/`. A resource of no such name is never checked.
#[must_use]
pub fn is_scalar_resource_name(name: &str) -> bool {
    is_extended_resource_name(name)
        || is_hugepage_resource_name(name)
        || is_kubernetes_resource_name(name)
        || name.starts_with("attachable-volumes-")
}

/// Whether the resource is an extended one (`example.com/gpu`): those are what NodeResourcesFit can be told to ignore.
#[must_use]
pub fn is_extended_resource_name(name: &str) -> bool {
    name.contains('/')
        && !is_kubernetes_resource_name(name)
        && !name.starts_with("requests.")
        // A quota must be able to name it.
        && is_qualified_name(&format!("requests.{name}"))
}

/// Whether the resource is huge pages of some size.
#[must_use]
pub fn is_hugepage_resource_name(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_kubernetes_resource_name(name: &str) -> bool {
    name.contains("kubernetes.io/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_kinds() {
        for name in ["nvidia.com/gpu", "example.com/foo", "a/b", "devices.example.com/a.b_c-1"] {
            assert!(is_extended_resource_name(name) && is_scalar_resource_name(name), "{name}");
        }
        for name in ["hugepages-2Mi", "attachable-volumes-aws-ebs", "kubernetes.io/batch", "x.kubernetes.io/y"] {
            assert!(!is_extended_resource_name(name) && is_scalar_resource_name(name), "{name}");
        }
        for name in
            ["cpu", "memory", "pods", "foo", "", "/", "requests.a/b", "A.com/b", "a/b/c", "a/", "/b", "a/-b", "a_b/c"]
        {
            assert!(!is_scalar_resource_name(name), "{name}");
        }
        let long = format!("{}/x", "a".repeat(64));
        assert!(is_extended_resource_name(&long), "a label of a DNS subdomain may be longer than 63 here");
        assert!(!is_extended_resource_name(&format!("a/{}", "x".repeat(64))));
    }
}
