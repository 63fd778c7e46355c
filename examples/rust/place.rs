//! Places the pods of a manifest on a cluster, and says where they land, what stays pending and why, and how many more
//! would fit: `cargo run --example place -- examples/city.json examples/workloads.yaml`

use bayplan::objects::Object;
use bayplan::render::text;
use bayplan::{Cluster, Error, Options, PlaceOptions, read};

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dump, manifest] = &arguments[..] else {
        eprintln!("usage: place DUMP MANIFEST, each a file that kubectl writes or reads; - is stdin");
        std::process::exit(2);
    };
    let input = read::from_path(dump)?;
    if !input.skipped.is_empty() {
        eprintln!("not read: {}", input.skipped);
    }
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(input.objects)?;

    let workloads = read::from_path(manifest)?.objects;
    let placements = cluster.place(Some(&workloads), &PlaceOptions::default(), &mut |_, _| true)?;
    print!("{}", text::placements(&placements));

    let deployments = workloads.iter().filter(|object| matches!(object, Object::Deployment(_)));
    for deployment in deployments {
        let fit = placements.cluster.fit(deployment, 1000, &mut |_, _| true)?;
        print!("\nHow many more of {deployment}? {}", text::fit(&fit));
    }
    Ok(())
}
