//! What can be bought: shapes of nodes and their prices.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::change::AddNodes;
use crate::error::Error;
use crate::labels::is_label_value;
use crate::objects::ResourceList;
use crate::quantity::Quantity;
use crate::requests::is_scalar_resource_name;

/// What `gpus` counts.
const GPU: &str = "nvidia.com/gpu";
/// A kubelet's own default.
const PODS: &str = "110";
const FIELDS: [&str; 12] =
    ["name", "price", "cpu", "memory", "pods", "gpus", "arch", "zone", "labels", "taints", "reserved", "resources"];
/// Less memory than this is a number whose unit was forgotten.
const LEAST_MEMORY: i64 = 1 << 20;
/// The labels by which pods choose a type.
pub(super) const TYPE_LABELS: [&str; 2] = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

/// A node that can be bought.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Its name, which is its `node.kubernetes.io/instance-type`.
    pub name: String,
    /// What one costs, in whatever unit, of an hour or a month; more than nothing.
    pub price: f64,
    /// What the machine has, by resource.
    pub capacity: ResourceList,
    /// What of it the system keeps.
    pub reserved: ResourceList,
    /// `kubernetes.io/arch`.
    pub arch: String,
    /// Where it is sold at this price; everywhere if none is named.
    pub zones: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Taints: `key=value:Effect`.
    pub taints: Vec<String>,
}

impl Shape {
    /// Reads the shapes of a catalogue: a list of objects with the fields `name`, `price`, `cpu`, `memory`, and where they matter `pods` (110),
    /// `gpus`, `arch` (amd64), `zone`, `labels`, `taints`, `reserved`, `resources`. Values may be texts, as in a CSV file:
    /// `cpu=100m,memory=1Gi` for a mapping, `a,b` for a list; an empty one is none.
    ///
    /// # Errors
    /// Names the row, the field, and what is wrong.
    pub fn catalogue(value: &Value) -> Result<Vec<Shape>, Error> {
        let list = match value {
            Value::Array(list) => list,
            Value::Object(fields) if fields.get("shapes").is_some_and(Value::is_array) => {
                fields["shapes"].as_array().map_or(const { &Vec::new() }, |list| list)
            }
            _ => {
                let hint = "write a list of objects with name, price, cpu and memory, or CSV with such columns";
                return Err(Error::input("a catalogue is a list of shapes").hint(hint));
            }
        };
        let mut shapes: Vec<Shape> = Vec::with_capacity(list.len());
        let mut seen = std::collections::HashSet::new();
        for (at, item) in list.iter().enumerate() {
            let field = format!("shapes[{at}]");
            let Value::Object(fields) = item else { return Err(Error::input("it is no object").at(field)) };
            let name = text(fields, "name").map_err(|error| error.under(&field))?;
            let shape = Shape::read(fields).map_err(|error| match name.as_str() {
                "" => error.under(&field),
                name => error.under(&field).in_object(format!("shape {name}")),
            })?;
            // The same type may have another price in another zone.
            let zones = if shape.zones.is_empty() { vec![String::new()] } else { shape.zones.clone() };
            for zone in zones {
                if !seen.insert((shape.name.clone(), zone)) {
                    return Err(Error::input(format!("{} is there twice", shape.name)).at(format!("{field}.name")));
                }
            }
            shapes.push(shape);
        }
        if shapes.is_empty() {
            return Err(Error::input("the catalogue has no shapes"));
        }
        Ok(shapes)
    }

    fn read(fields: &Map<String, Value>) -> Result<Shape, Error> {
        if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
            let hint = format!("the fields are {}", FIELDS.join(", "));
            return Err(Error::input("there is no such field").at(unknown.clone()).hint(hint));
        }
        let name = text(fields, "name")?;
        if name.is_empty() {
            return Err(Error::input("it is missing").at("name"));
        }
        if !is_label_value(&name) || dns(&name).is_empty() {
            let hint = "it becomes the label node.kubernetes.io/instance-type: at most 63 letters, digits, -, _ and .";
            return Err(Error::input(format!("`{name}` is no name of a shape")).at("name").hint(hint));
        }
        let price = text(fields, "price")?;
        let price: f64 = price.parse().map_err(|_| match price.as_str() {
            "" => Error::input("it is missing").at("price"),
            _ => Error::input(format!("`{price}` is no number")).at("price"),
        })?;
        if !(price.is_finite() && price > 0.0) {
            return Err(Error::input(format!("{price} is no price: it must be more than 0")).at("price"));
        }
        let mut capacity = ResourceList::new();
        for (field, resource) in [("cpu", "cpu"), ("memory", "memory"), ("pods", "pods"), ("gpus", GPU)] {
            let amount = match (text(fields, field)?.as_str(), field) {
                ("", "pods") => PODS.to_owned(),
                ("", "gpus") => continue,
                ("", _) => return Err(Error::input("it is missing").at(field)),
                (amount, _) => amount.to_owned(),
            };
            let amount = quantity(&amount).map_err(|error| error.at(field))?;
            if !(field == "gpus" && amount.is_zero()) {
                capacity.insert(resource.to_owned(), amount);
            }
        }
        if capacity["memory"].value() < LEAST_MEMORY {
            let few = capacity["memory"];
            let hint = format!("write the unit too, as in {few}Gi");
            return Err(Error::input(format!("{few} bytes are no machine's memory")).at("memory").hint(hint));
        }
        capacity.extend(resources(fields, "resources")?);
        let reserved = resources(fields, "reserved")?;
        for (resource, kept) in &reserved {
            if capacity.get(resource).is_none_or(|all| all < kept) {
                let problem = format!("{kept} of {resource} are more than the machine has");
                return Err(Error::input(problem).at("reserved"));
            }
        }
        let arch = text(fields, "arch")?;
        let taints = list(fields, "taints")?;
        for taint in &taints {
            crate::change::taint(taint).map_err(|error| error.at("taints"))?;
        }
        Ok(Shape {
            name,
            price,
            capacity,
            reserved,
            arch: if arch.is_empty() { "amd64".to_owned() } else { arch },
            zones: list(fields, "zone")?,
            labels: mapping(fields, "labels")?,
            taints,
        })
    }

    /// What pods can have of it.
    #[must_use]
    pub fn allocatable(&self) -> ResourceList {
        let left = self.capacity.iter().map(|(name, all)| {
            let kept = self.reserved.get(name).copied().unwrap_or(Quantity::ZERO);
            (name.clone(), *all - kept)
        });
        left.collect()
    }

    /// So many of it, in a zone: the change that a simulation takes.
    #[must_use]
    pub fn nodes(&self, count: u32, zone: Option<&str>) -> AddNodes {
        let mut labels = self.labels.clone();
        for key in TYPE_LABELS {
            labels.entry(key.to_owned()).or_insert_with(|| self.name.clone());
        }
        labels.entry("kubernetes.io/arch".to_owned()).or_insert_with(|| self.arch.clone());
        let name = match zone {
            Some(zone) => format!("{}-{}", dns(&self.name), dns(zone)),
            None => dns(&self.name),
        };
        AddNodes {
            count,
            like: None,
            file: None,
            resources: self.allocatable().into_iter().map(|(name, amount)| (name, amount.to_string())).collect(),
            name: Some(name),
            zones: zone.map(str::to_owned).into_iter().collect(),
            labels,
            taints: self.taints.clone(),
        }
    }
}

/// As part of a node's name, which is a DNS name.
fn dns(text: &str) -> String {
    let text: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    text.trim_matches('-').to_owned()
}

/// A field as text; nothing where it is not there.
fn text(fields: &Map<String, Value>, name: &str) -> Result<String, Error> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err(Error::input("it is neither a text nor a number").at(name)),
    }
}

fn list(fields: &Map<String, Value>, name: &str) -> Result<Vec<String>, Error> {
    if let Some(Value::Array(items)) = fields.get(name) {
        let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
        return texts.collect::<Option<_>>().ok_or_else(|| Error::input("it is no list of texts").at(name));
    }
    let text = text(fields, name)?;
    Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

fn mapping(fields: &Map<String, Value>, name: &str) -> Result<BTreeMap<String, String>, Error> {
    if let Some(Value::Object(map)) = fields.get(name) {
        return map.keys().map(|key| Ok((key.clone(), text(map, key)?))).collect();
    }
    let pairs = list(fields, name)?.into_iter().map(|pair| match pair.split_once('=') {
        Some((key, value)) => Ok((key.trim().to_owned(), value.trim().to_owned())),
        None => Err(Error::input(format!("`{pair}` is not of the form name=value")).at(name)),
    });
    pairs.collect()
}

fn resources(fields: &Map<String, Value>, name: &str) -> Result<ResourceList, Error> {
    let amounts = mapping(fields, name)?.into_iter().map(|(resource, amount)| {
        let is_known = matches!(resource.as_str(), "cpu" | "memory" | "ephemeral-storage" | "pods");
        if !is_known && !is_scalar_resource_name(&resource) {
            let hint = "write cpu, memory, ephemeral-storage, or a device as in example.com/device";
            return Err(Error::input(format!("the scheduler counts no {resource}")).at(name).hint(hint));
        }
        let amount = quantity(&amount).map_err(|error| error.at(name))?;
        Ok((resource, amount))
    });
    amounts.collect()
}

fn quantity(text: &str) -> Result<Quantity, Error> {
    let amount: Quantity = text
        .parse()
        .map_err(|_| Error::input(format!("`{text}` is no quantity")).hint("write it as in 500m, 16 or 64Gi"))?;
    if amount.is_negative() {
        return Err(Error::input(format!("`{text}` is less than nothing")));
    }
    Ok(amount)
}
