//! Pages for people.

mod forms;
pub mod home;
pub mod login;
pub mod login_submit;
pub mod logout;
pub mod signup;
pub mod signup_submit;
pub mod simple;
mod simple_page;
pub mod simple_send;
