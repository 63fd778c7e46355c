//! The fields of the API's types, as `cluster/schema/generate.sh` writes them down.

use std::collections::BTreeMap;
use std::sync::OnceLock;

static TEXT: &str = include_str!("../../schema/kubernetes.txt");

/// Fields of versions before the one that the schema was made of, which their servers take.
const EARLIER: &[(&str, &str)] = &[("core/v1.PodSpec", "workloadRef*?:x")];

/// The fields of a PersistentVolume's `spec` that are no source: all others are.
pub(super) const NOT_SOURCES: &[&str] = &[
    "capacity",
    "accessModes",
    "claimRef",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "mountOptions",
    "volumeMode",
    "nodeAffinity",
    "volumeAttributesClassName",
];

/// A type by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeId(u32);

/// A type that is an object in JSON.
#[derive(Debug)]
pub(crate) struct Type {
    /// As in `core/v1.Container`.
    pub(crate) name: &'static str,
    /// By name.
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Can it be absent, as something else than zero?
    pub(crate) pointer: bool,
    /// Is it left out where it is zero?
    pub(crate) omitted: bool,
    pub(crate) shape: Shape,
}

/// What a field takes. The words are Go's names of types that have one.
#[derive(Debug)]
pub(crate) enum Shape {
    Text(&'static str),
    Bool,
    Int32,
    Int64,
    Float,
    Bytes,
    Quantity,
    Time,
    IntOrString,
    Any,
    /// With the field by which a patch tells items apart, where there is one.
    List(Box<Shape>, Option<&'static str>),
    Map(Box<Shape>, &'static str),
    Object(TypeId),
}

/// A kind of object that a server can serve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Served {
    pub(crate) of: TypeId,
}

/// All kinds and types.
pub(crate) struct Schema {
    kinds: BTreeMap<(&'static str, &'static str), Served>,
    types: Vec<Type>,
}

impl Schema {
    /// The schema, read when it is first asked for.
    pub(crate) fn get() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::read(TEXT))
    }

    fn read(text: &'static str) -> Schema {
        let rest = |what: &'static str| move |line: &'static str| line.strip_prefix(what);
        let named = text.lines().filter_map(rest("type ")).map(|line| line.split_once(' ').unwrap_or((line, "")));
        let ids: BTreeMap<&str, TypeId> = named.clone().map(|(name, _)| name).zip((0..).map(TypeId)).collect();
        let types = named.map(|(name, fields)| {
            let earlier = EARLIER.iter().filter(|(of, _)| *of == name).map(|(_, field)| *field);
            let mut fields: Vec<Field> = fields.split(' ').chain(earlier).filter_map(|f| field(f, &ids)).collect();
            fields.sort_unstable_by_key(|field| field.name);
            Type { name, fields }
        });
        let types: Vec<Type> = types.collect();
        let kinds = text.lines().filter_map(rest("kind ")).filter_map(|line| {
            let mut words = line.split(' ');
            let (version, kind, _scope, of) = (words.next()?, words.next()?, words.next()?, words.next()?);
            Some(((version, kind), Served { of: *ids.get(of)? }))
        });
        Schema { kinds: kinds.collect(), types }
    }

    pub(crate) fn kind(&self, api_version: &str, kind: &str) -> Option<Served> {
        self.kinds.get(&(api_version, kind)).copied()
    }

    /// Does Kubernetes have a group of this name, now or formerly?
    pub(crate) fn has_group(&self, api_version: &str) -> bool {
        let group_of = |version: &str| version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        let group = group_of(api_version);
        group == "extensions" || self.kinds.keys().any(|(version, _)| group_of(version) == group)
    }

    /// The kind whose name is nearest, with its version.
    pub(crate) fn kind_like(&self, kind: &str) -> Option<(&'static str, &'static str)> {
        let lower = kind.to_lowercase();
        let near = self.kinds.keys().map(|(version, name)| {
            let distance = strsim::damerau_levenshtein(&lower, &name.to_lowercase());
            (distance, version.contains("alpha") || version.contains("beta"), *version, *name)
        });
        near.filter(|(distance, ..)| *distance <= 2).min().map(|(_, _, version, name)| (version, name))
    }

    /// The versions in which a kind is served.
    pub(crate) fn versions(&self, kind: &str) -> Vec<&'static str> {
        let mut versions: Vec<&str> = self.kinds.keys().filter(|(_, k)| *k == kind).map(|(v, _)| *v).collect();
        versions.sort_unstable();
        versions
    }

    pub(crate) fn of(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }
}

impl Type {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.binary_search_by_key(&name, |field| field.name).ok().map(|at| &self.fields[at])
    }

    /// As Go calls it without its package.
    pub(crate) fn short(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, short)| short)
    }
}

/// `name`, `*` for a pointer, `?` for one that is left out where it is zero, `:` and the shape.
fn field(text: &'static str, ids: &BTreeMap<&str, TypeId>) -> Option<Field> {
    let (name, shape) = text.split_once(':')?;
    let (name, omitted) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
    let (name, pointer) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
    Some(Field { name, pointer, omitted, shape: shape_of(shape, ids)? })
}

fn shape_of(text: &'static str, ids: &BTreeMap<&str, TypeId>) -> Option<Shape> {
    let (first, rest) = text.split_at_checked(1)?;
    // Go's name of the type stands behind it in brackets.
    let (plain, go) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((plain, go)) if balanced(plain) => (plain, go),
        _ => (text, ""),
    };
    let inside = plain.strip_prefix(first).unwrap_or(rest);
    Some(match first {
        "s" => Shape::Text(if go.is_empty() { "string" } else { go }),
        "b" => Shape::Bool,
        "i" => Shape::Int32,
        "l" => Shape::Int64,
        "f" => Shape::Float,
        "y" => Shape::Bytes,
        "q" => Shape::Quantity,
        "t" | "T" => Shape::Time,
        "d" => Shape::Text("string"),
        "o" => Shape::IntOrString,
        "x" => Shape::Any,
        "@" => Shape::Object(*ids.get(rest)?),
        // `[s(x.Y)` is a list of named strings, not a list with a name: the brackets belong to what is within.
        "[" if !inside.is_empty() => {
            let (key, item) = rest.split_once('|').map_or((None, rest), |(key, item)| (Some(key), item));
            Shape::List(Box::new(shape_of(item, ids)?), key.filter(|key| !key.is_empty()))
        }
        "{" => match go.starts_with("v1.ResourceList") {
            true => Shape::Map(Box::new(shape_of(inside, ids)?), go),
            false => Shape::Map(Box::new(shape_of(rest, ids)?), ""),
        },
        _ => return None,
    })
}

fn balanced(text: &str) -> bool {
    text.matches('(').count() == text.matches(')').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        let schema = Schema::get();
        let lines = |what: &str| TEXT.lines().filter(|line| line.starts_with(what)).count();
        assert_eq!((schema.kinds.len(), schema.types.len()), (lines("kind "), lines("type ")));
        let fields = TEXT.lines().filter_map(|line| line.strip_prefix("type ")).map(|line| line.split(' ').count() - 1);
        let read: usize = schema.types.iter().map(|of| of.fields.len()).sum();
        let empty = TEXT.lines().filter(|line| line.starts_with("type ") && line.ends_with(' ')).count();
        assert_eq!(read, fields.sum::<usize>() - empty + EARLIER.len());
    }

    #[test]
    fn shapes_are_those_of_go() {
        let schema = Schema::get();
        let pod = schema.kind("v1", "Pod").map(|served| schema.of(served.of));
        let spec = pod.and_then(|pod| pod.field("spec"));
        let Some(Field { shape: Shape::Object(spec), .. }) = spec else { panic!("no spec") };
        let spec = schema.of(*spec);
        assert_eq!((spec.name, spec.short()), ("core/v1.PodSpec", "PodSpec"));
        assert!(matches!(spec.field("containers"), Some(Field { shape: Shape::List(..), .. })));
        assert!(
            spec.field("priority").is_some_and(|f| f.pointer) && spec.field("hostNetwork").is_some_and(|f| f.omitted)
        );
        assert!(matches!(spec.field("overhead"), Some(Field { shape: Shape::Map(_, "v1.ResourceList"), .. })));
        assert!(schema.kind("batch/v1beta1", "CronJob").is_none() && schema.has_group("batch/v1beta1"));
        assert_eq!(schema.versions("CronJob"), ["batch/v1"]);
    }
}
