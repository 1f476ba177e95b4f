// SPDX-License-Identifier: GPL-3.0-or-later
// RT's answers: tickets, transactions, attachments.
#include "rt-bridge/rt/json.hpp"
#include "rt-bridge/rt/ticket_json.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

void read_item(const nlohmann::json& item) {
    const rt::Ticket ticket = rt::ticket_of(item);
    for (const auto& [name, value] : ticket.fields) {
        fuzz::claim(!value.empty(), "a field without a value is none");
        fuzz::claim(rt::shows_field(item, name), "a field that is read is shown");
    }
    rt::change_of(item, {{"1", "RepoAction"}, {"2", "RepoStatus"}});
    rt::attachment_of(item);
    fuzz::is_sound([&] { rt::bytes_of(item, "Content"); });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    nlohmann::json answer;
    if (!fuzz::is_sound(
            [&] { answer = rt::parse_answer(fuzz::text_of(data, size), "RT's answer"); })) {
        return 0;
    }
    if (answer.is_object()) read_item(answer);
    for (const nlohmann::json& item : rt::list_of(answer, "items")) {
        if (item.is_object()) read_item(item);
    }
    return 0;
}
