//! The table of contents: every route of the site, each in a separate file. A handler turns a request into a use case
//! and its outcome into an answer; it knows no SQL and no other handler.

mod api;
mod assets;
mod health;
mod pages;
mod ready;
mod socket;
mod worker;

use crate::app::App;
use crate::web::Route;

/// All routes. They are tried in order, so the most frequent come first.
pub fn all(app: &App) -> Vec<Route> {
    vec![
        // Programs, and the pages' scripts.
        api::messages::create::route(app),
        api::messages::show::route(app),
        api::messages::list::route(app),
        api::sync::show::route(app),
        api::conversations::update::route(app),
        api::conversations::messages::route(app),
        api::conversations::list::route(app),
        api::conversations::show::route(app),
        api::messages::edit::route(app),
        api::messages::delete::route(app),
        api::messages::react::route(app),
        api::messages::unreact::route(app),
        api::messages::receipt::route(app),
        api::users::list::route(app),
        api::users::avatar::route(app),
        api::me::update::route(app),
        api::me::delete::route(app),
        api::me::set_avatar::route(app),
        api::me::delete_avatar::route(app),
        api::me::password::route(app),
        api::sessions::list::route(app),
        api::sessions::end::route(app),
        api::sessions::end_others::route(app),
        api::me::show::route(app),
        api::blocks::set::route(app),
        api::blocks::end::route(app),
        socket::route(app),
        assets::route(app),
        worker::route(app),
        // People.
        pages::home::route(app),
        pages::simple::route(app),
        pages::simple_send::route(app),
        pages::login::route(app),
        pages::login_submit::route(app),
        pages::logout::route(app),
        pages::signup::route(app),
        pages::signup_submit::route(app),
        // Developers and operators.
        api::root::route(app),
        api::users::show::route(app),
        api::openapi::route(app),
        api::docs::route(app),
        health::route(app),
        ready::route(app),
    ]
}
