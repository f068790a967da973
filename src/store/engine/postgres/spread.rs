//! One statement in place of many: a text that does for each element of arrays what the store's statement does for one
//! set of parameters.

use tokio_postgres::types::Type;

/// `$1`, `$2`, … of `sql` become arrays. A query has one more column at the end: which element its row is for, from 1.
///
/// # Panics
/// A statement of another form than those of the store.
pub(super) fn spread(sql: &str, types: &[Type]) -> String {
    let arrays: Vec<_> = types.iter().enumerate().map(|(n, of)| format!("${}::{}[]", n + 1, of.name())).collect();
    let columns: Vec<_> = (1..=types.len()).map(|n| format!("p{n}")).collect();
    let inputs = format!("unnest({}) WITH ORDINALITY AS input ({}, number)", arrays.join(", "), columns.join(", "));
    // The last first, since `$1` is also the beginning of `$12`.
    let body =
        (1..=types.len()).rev().fold(sql.to_owned(), |sql, n| sql.replace(&format!("${n}"), &format!("input.p{n}")));
    match sql.split_whitespace().next() {
        // OFFSET 0 keeps the planner from reordering: whatever it assumes of the tables, each input is looked up.
        Some("SELECT") => format!(
            "SELECT answer.*, input.number FROM {inputs} CROSS JOIN LATERAL ({body} OFFSET 0) answer ORDER BY input.number"
        ),
        Some("INSERT") => {
            let (head, values) = body.split_once("VALUES (").expect("an INSERT has VALUES");
            let values = values.strip_suffix(')').expect("VALUES end the statement");
            format!("{head} SELECT {values} FROM {inputs}")
        }
        Some("UPDATE") => {
            let (head, condition) = body.split_once("WHERE").expect("an UPDATE has WHERE");
            format!("{head} FROM {inputs} WHERE {condition}")
        }
        other => panic!("{other:?} cannot run for many"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_statement_runs_for_arrays() {
        for (sql, expected) in [
            (
                "SELECT x FROM t WHERE a = $1 AND b = $2",
                "SELECT answer.*, input.number FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS input (p1, p2, number) \
                 CROSS JOIN LATERAL (SELECT x FROM t WHERE a = input.p1 AND b = input.p2 OFFSET 0) answer \
                 ORDER BY input.number",
            ),
            (
                "INSERT INTO t (a, b) VALUES ($1, lower($2))",
                "INSERT INTO t (a, b)  SELECT input.p1, lower(input.p2) \
                 FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS input (p1, p2, number)",
            ),
            (
                "UPDATE t SET a = $1 WHERE b = $2",
                "UPDATE t SET a = input.p1  \
                 FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS input (p1, p2, number) WHERE  b = input.p2",
            ),
        ] {
            assert_eq!(spread(sql, &[Type::INT8, Type::TEXT]), expected);
        }
        let many = "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10";
        assert!(spread(many, &[const { Type::INT8 }; 10]).contains("input.p9, input.p10 OFFSET 0"));
    }
}
