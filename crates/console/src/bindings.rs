//! The TypeScript made from the list of commands, [`crate::commands!`], and from the types of [`crate::wire`]
//! and [`crate::error`] that it names. `cargo xtask bindings` writes the file; a test fails if the committed
//! file differs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ids::*;
use ts_rs::{Config, TS, TypeVisitor};

use crate::commands::NAMES;
use crate::error::{AppError, ErrorCode};
use crate::limits::{MAX_ROWS, MAX_SELECTED};
use crate::wire::*;

/// The whole file. The same types always give the same bytes.
pub fn typescript() -> String {
    let mut types = Types::default();
    let commands = commands(&mut types);
    types.name::<ErrorCode>();
    types.name::<AppError>();
    types.name::<AppEvent>();
    let mut out = String::from(
        "// Made from crates/console/src/{commands.rs,wire/,error.rs} by `cargo xtask bindings`. Do not edit.\n",
    );
    for declaration in &types.declarations {
        let _ = writeln!(out, "\nexport {declaration}");
    }
    out.push_str(
        "\n/** Every command: its arguments and its answer. Each one rejects with an `AppError`. */\n",
    );
    out.push_str("export type Commands = {\n");
    let mut feature = "";
    for command in &commands {
        if command.feature != feature {
            feature = command.feature;
            let _ = writeln!(out, "  // {feature}");
        }
        command.write(&mut out);
    }
    out.push_str("};\n\nexport const COMMAND_NAMES: readonly (keyof Commands)[] = [\n");
    for name in NAMES {
        let _ = writeln!(out, "  \"{name}\",");
    }
    out.push_str("];\n\n");
    // What the UI must know before it asks.
    for (name, limit) in [
        ("MAX_PLAN_LINES", changes::MAX_CHANGES as usize),
        ("MAX_ROWS", MAX_ROWS as usize),
        ("MAX_SELECTED", MAX_SELECTED),
    ] {
        let _ = writeln!(out, "export const {name} = {limit};");
    }
    out
}

/// The types that cross to the UI, each with the types that it names.
#[derive(Default)]
struct Types {
    config: Config,
    declarations: BTreeSet<String>,
}

impl Types {
    /// Declares a type. Returns its name in TypeScript.
    fn name<T: TS + 'static + ?Sized>(&mut self) -> String {
        self.visit::<T>();
        T::visit_generics(self);
        T::name(&self.config)
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // TypeScript's own types have no file and need no declaration.
        if T::output_path().is_some() && self.declarations.insert(T::decl(&self.config)) {
            T::visit_dependencies(self);
        }
    }
}

/// A command in TypeScript's types.
struct Command {
    feature: &'static str,
    name: &'static str,
    doc: &'static str,
    arguments: Vec<(&'static str, String)>,
    answer: String,
}

impl Command {
    fn write(&self, out: &mut String) {
        if !self.doc.is_empty() {
            let _ = writeln!(out, "  /**{} */", self.doc);
        }
        let arguments = self.arguments.iter();
        let arguments: Vec<_> = arguments
            .map(|(name, ty)| format!("{}: {ty}", camel_case(name)))
            .collect();
        let arguments = if arguments.is_empty() {
            "args?: Record<string, never>".to_owned()
        } else {
            format!("args: {{ {} }}", arguments.join("; "))
        };
        // `()` arrives as null, which means nothing.
        let answer = if self.answer == "null" {
            "void"
        } else {
            &self.answer
        };
        let _ = writeln!(out, "  {}: ({arguments}) => Promise<{answer}>;", self.name);
    }
}

/// The name of an argument as Tauri expects it.
fn camel_case(name: &str) -> String {
    let mut out = String::new();
    for (i, word) in name.split('_').enumerate() {
        let (first, rest) = word.split_at(word.len().min(1));
        out.push_str(&if i == 0 {
            first.to_owned()
        } else {
            first.to_uppercase()
        });
        out.push_str(rest);
    }
    out
}

macro_rules! declare {
    ($($feature:ident { $(
        $(#[doc = $doc:literal])*
        $(in $workspace:ident)?
        $(async fn $awaited:ident)? $(fn $called:ident)? (
            $($(& $by_ref:ident)? $(&? $optional:ident)? $($by_value:ident)? : $argument:ty),*
        ) -> $answer:ty;
    )* })*) => {
        fn commands(types: &mut Types) -> Vec<Command> {
            vec![$($(Command {
                feature: stringify!($feature),
                name: stringify!($($awaited)? $($called)?),
                doc: concat!($($doc),*),
                arguments: vec![
                    $((stringify!($workspace), types.name::<WorkspaceId>()),)?
                    $((
                        stringify!($($by_ref)? $($optional)? $($by_value)?),
                        types.name::<$argument>(),
                    )),*
                ],
                answer: types.name::<$answer>(),
            },)*)*]
        }
    };
}

crate::commands!(declare);

#[cfg(test)]
mod tests {
    use super::typescript;

    #[test]
    fn the_committed_typescript_is_what_the_types_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/ipc/bindings.ts");
        if std::env::var_os("PRESSROOM_WRITE_BINDINGS").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, typescript()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(
            committed == typescript(),
            "run `cargo xtask bindings` and commit ui/src/ipc/bindings.ts"
        );
    }
}
