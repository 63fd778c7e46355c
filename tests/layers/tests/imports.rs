//! Nothing below imports from above.

use std::path::Path;

use bayplan_layers::{Layers, faults};

fn check(crate_folder: &str, layers: Layers<'_>) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(crate_folder).join("src");
    let faults = faults(&src, layers);
    assert!(faults.is_empty(), "imports that point upwards:\n{}", faults.join("\n"));
}

#[test]
fn core() {
    check(
        "core",
        &[
            &["ids", "error"],
            &["limits", "plugin", "math", "region"],
            &["tables"],
            &["request"],
            &["derived"],
            &["plugins"],
            &["block"],
            &["cycle"],
        ],
    );
}

#[test]
fn cluster() {
    check(
        "cluster",
        &[
            &["refusal", "time", "shared", "visible", "hash"],
            &["error"],
            &["version", "quantity"],
            &["objects"],
            &["labels"],
            &["reference"],
            &["requests", "features", "images", "csi_migration"],
            &["api"],
            &["read", "custom"],
            &["config"],
            &["compile", "admit"],
            &["expand"],
            &["state"],
            &["plugins"],
            &["setup"],
            &["attempt"],
            &["explain"],
            &["plan"],
            &["simulate"],
            &["change"],
            &["inventory"],
            &["whatif"],
            &["render"],
        ],
    );
}
