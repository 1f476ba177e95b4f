// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/rt-bridge/wire_rt.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace tests {
namespace {

using nlohmann::json;

const std::string role_key = "RT::CustomRole-1";

/// 127.0.0.2, and not where its clients and all other servers of the tests are: a hundred thousand
/// connections end here within a minute, and the ports of ended ones are not free for so long.
constexpr in_addr_t server_address = INADDR_LOOPBACK + 1;

std::string decoded(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

/// At most `most` bytes, until `done` says that it is enough. Empty: the peer has closed.
std::string receive(int connection, std::size_t most,
                    const std::function<bool(const std::string&)>& done) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() < most && !done(text)) {
        const ssize_t got =
            ::recv(connection, buffer.data(), std::min(buffer.size(), most - text.size()), 0);
        if (got <= 0) return {};
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

std::size_t size_of_request(const std::string& text) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) return Fault::none;
    const std::string name = "Content-Length: ";
    const std::size_t length = text.find(name);
    const std::size_t body = length < end ? std::stoul(text.substr(length + name.size())) : 0;
    return end + 4 + body;
}

json names_of(const std::vector<std::string>& names) {
    json fields = json::array();
    for (std::size_t i = 0; i < names.size(); ++i) {
        fields.push_back({{"id", std::to_string(i + 1)}, {"name", names[i]}});
    }
    return fields;
}

}  // namespace

OneProcessor::OneProcessor() {
    CPU_ZERO(&before_);
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(std::max(0, ::sched_getcpu())), &one);
    ::sched_setaffinity(0, sizeof one, &one);  // where that is not allowed it only takes longer
}

OneProcessor::~OneProcessor() {
    ::sched_setaffinity(0, sizeof before_, &before_);
}

WireRt::WireRt(bridge::FakeRt& rt, std::function<Fault()> fault, Framing framing)
    : rt_(rt), fault_(std::move(fault)), framing_(framing) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(server_address);
    socklen_t size = sizeof address;
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, plain, &size) != 0 || ::pipe2(stop_, O_CLOEXEC) != 0) {
        throw std::runtime_error("no socket");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

WireRt::~WireRt() {
    ::close(stop_[1]);
    thread_.join();
    for (const int connection : connections_) ::close(connection);
    ::close(listener_);
    ::close(stop_[0]);
}

std::string WireRt::url() const {
    return "http://127.0.0.2:" + std::to_string(port_);
}

std::unique_ptr<rt::Rest2> WireRt::client(std::chrono::milliseconds patience) const {
    rt::Rest2Settings settings;
    settings.url = url();
    settings.token = "1-30-0123456789abcdef0123456789abcdef";
    for (const auto& [name, members] : rt_.members) settings.groups.push_back(name);
    http::Limits limits;
    limits.total = patience;
    return std::make_unique<rt::Rest2>(http::Client(http::Access::to(settings.url), limits),
                                       settings);
}

std::vector<Exchange> WireRt::exchanges() {
    const std::lock_guard lock(mutex_);
    return exchanges_;
}

std::vector<std::string> WireRt::changes() {
    const std::lock_guard lock(mutex_);
    return changes_;
}

void WireRt::serve() {
    for (;;) {
        std::vector<pollfd> polled{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const int connection : connections_) polled.push_back({connection, POLLIN, 0});
        ::poll(polled.data(), polled.size(), -1);
        if (polled[0].revents != 0) return;
        for (std::size_t i = 2; i < polled.size(); ++i) {
            if (polled[i].revents == 0 || exchange(polled[i].fd)) continue;
            ::close(polled[i].fd);
            std::erase(connections_, polled[i].fd);
        }
        if (polled[1].revents != 0) {
            connections_.push_back(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
        }
    }
}

/// False: the connection has ended, or shall.
bool WireRt::exchange(int connection) {
    char first = 0;
    if (::recv(connection, &first, 1, MSG_PEEK) <= 0) return false;
    const std::lock_guard lock(mutex_);
    const Fault fault = fault_ ? fault_() : Fault();
    if (fault.request_bytes == 0) return false;
    const std::string text = receive(
        connection, fault.request_bytes,
        [](const std::string& received) { return received.size() >= size_of_request(received); });
    const std::size_t body = text.find("\r\n\r\n");
    if (text.size() < size_of_request(text)) return false;

    Request request;
    request.size = text.size();
    request.body = text.substr(body + 4);
    const std::size_t blank = text.find(' ');
    request.method = text.substr(0, blank);
    const std::string target = text.substr(blank + 1, text.find(' ', blank + 1) - blank - 1);
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(std::string("/REST/2.0").size(), mark - 9);
    for (std::size_t at = mark; at < target.size();) {
        const std::size_t next = std::min(target.find('&', at + 1), target.size());
        const std::string pair = target.substr(at + 1, next - at - 1);
        const std::size_t equals = pair.find('=');
        request.query[decoded(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
        at = next;
    }
    Answer answer = answer_to(request, fault.changes);
    if (fault.status != 0) answer.status = fault.status;
    std::string reply = text_of(answer, fault.status != 0);
    exchanges_.push_back({request.method + " " + request.path, request.size, reply.size()});
    if (fault.twice) reply += reply;
    std::this_thread::sleep_for(fault.delay);
    const std::size_t size = std::min(fault.answer_bytes, reply.size());
    ::send(connection, reply.data(), size, MSG_NOSIGNAL);
    return size == reply.size() && framing_ != Framing::close;
}

std::string WireRt::text_of(const Answer& answer, bool empty) const {
    const std::string body = empty ? "" : answer.body.dump();
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                       " X\r\nContent-Type: application/json; charset=utf-8\r\n";
    switch (framing_) {
        case Framing::length:
            text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            break;
        case Framing::chunks: {
            text += "Transfer-Encoding: chunked\r\n\r\n";
            for (std::size_t at = 0; at < body.size(); at += 64) {
                const std::string chunk = body.substr(at, 64);
                std::array<char, 16> size{};
                std::snprintf(size.data(), size.size(), "%zx\r\n", chunk.size());
                text += size.data() + chunk + "\r\n";
            }
            text += "0\r\n\r\n";
            break;
        }
        case Framing::close:
            text += "Connection: close\r\n\r\n" + body;
            break;
    }
    return text;
}

WireRt::Answer WireRt::answer_to(const Request& request, std::size_t most_changes) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < request.path.size();) {
        const std::size_t next = std::min(request.path.find('/', at + 1), request.path.size());
        parts.push_back(request.path.substr(at + 1, next - at - 1));
        at = next;
    }
    const std::string kind = parts.at(0);
    if (kind == "transactions") return transactions(request);
    if (kind == "groups") {
        const std::string name = json::parse(request.body).at(0).at("value");
        const std::uint64_t id = group_number(name);
        json items = json::array();
        if (id != 0) items.push_back({{"id", std::to_string(id)}});
        return {200, {{"items", items}}};
    }
    if (kind == "group") return group(std::stoul(parts.at(1)));
    if (kind == "user") return {200, {{"Name", "sluice"}}};
    if (kind == "customrole") return {200, {{"Name", "Responsible"}, {"MaxValues", 0}}};
    if (kind == "queue") {
        const json link{{"ref", "customrole"}, {"id", "1"}, {"group_type", role_key}};
        return {200,
                {{"id", 3},
                 {"Name", "sw-rel"},
                 {"TicketCustomFields", names_of(rt::FieldNames().all())},
                 {"_hyperlinks", json::array({link})}}};
    }
    const rt::TicketId id = std::stoul(parts.at(1));
    if (kind != "ticket" || !rt_.tickets.contains(id)) {
        return {404, {{"message", "Not Found"}}};
    }
    if (request.method == "PUT") return change(id, json::parse(request.body), most_changes);
    if (parts.size() == 2) return ticket(id);
    if (parts[2] == "attachments") {
        return request.query.at("page") == "1" ? listing(id)
                                               : Answer{200, {{"items", json::array()}}};
    }
    const std::string subject = json::parse(request.body).at("Subject");
    rt_.comments[id].push_back(subject);
    changes_.push_back("comment " + subject);
    return {201, json::array({"Comments added"})};
}

WireRt::Answer WireRt::ticket(rt::TicketId id) const {
    const rt::Ticket& ticket = rt_.tickets.at(id);
    json fields = names_of(rt::FieldNames().all());
    for (json& field : fields) {
        const std::string value = ticket.field(field["name"]);
        field["values"] = value.empty() ? json::array() : json::array({value});
    }
    json requestors = json::array();
    for (const std::string& one : ticket.requestors) {
        requestors.push_back({{"id", one}, {"type", "user"}});
    }
    json members = json::array();
    const auto group = rt_.groups.find(id);
    if (group != rt_.groups.end()) {
        const std::string number = std::to_string(group_number(group->second));
        members.push_back({{"type", "group"}, {"id", number}});
    }
    return {200,
            {{"id", std::to_string(id)},
             {"Queue", {{"id", "3"}, {"Name", ticket.queue}}},
             {"Status", "new"},
             {"Creator", {{"id", ticket.creator}, {"type", "user"}}},
             {"Requestor", requestors},
             {"CustomFields", fields},
             {role_key, members}}};
}

/// RT makes one change after the other, each a transaction of its own, and none where nothing
/// changes.
WireRt::Answer WireRt::change(rt::TicketId id, const json& wanted, std::size_t most) {
    rt::Ticket& ticket = rt_.tickets[id];
    json messages = json::array();
    const auto allowed = [&](const std::string& text) {
        if (messages.size() >= most) return false;
        messages.push_back(text);
        changes_.push_back(text);
        return true;
    };
    const json fields = wanted.value("CustomFields", json::object());
    for (const auto& [name, value] : fields.items()) {
        const std::string text = value.is_null() ? "" : value.get<std::string>();
        if (ticket.field(name) == text || !allowed(name + " " + text)) continue;
        rt_.write(id, name, text);
    }
    if (wanted.contains("CustomRoles")) {
        const std::string number = wanted["CustomRoles"].at("Responsible").at(0);
        const std::string name = group(std::stoul(number)).body.at("Name");
        const auto now = rt_.groups.find(id);
        const bool same = now != rt_.groups.end() && now->second == name;
        if (!same && allowed("Responsible " + name)) rt_.groups[id] = name;
    }
    return {200, messages};
}

WireRt::Answer WireRt::listing(rt::TicketId id) const {
    json items = json::array();
    const auto attached = rt_.attached.find(id);
    if (attached != rt_.attached.end()) {
        for (const rt::Attachment& one : attached->second) {
            items.push_back({{"id", std::to_string(one.transaction)},
                             {"TransactionId", std::to_string(one.transaction)},
                             {"Filename", one.name},
                             {"Subject", ""},
                             {"Creator", {{"id", one.creator}}}});
        }
    }
    const auto comments = rt_.comments.find(id);
    if (comments != rt_.comments.end()) {
        for (const std::string& subject : comments->second) {
            items.push_back({{"id", "1"},
                             {"Filename", ""},
                             {"Subject", subject},
                             {"Creator", {{"id", "sluice"}}}});
        }
    }
    return {200, {{"total", nullptr}, {"pages", 0.0}, {"items", items}}};
}

/// Every transaction two times and the last one first: what a client makes of it must not depend on
/// either.
WireRt::Answer WireRt::transactions(const Request& request) const {
    json items = json::array();
    const std::string query = request.query.at("query");
    const auto number_after = [&](const std::string& mark) {
        const std::size_t at = query.find(mark);
        return at == std::string::npos ? 0 : std::stoul(query.substr(at + mark.size()));
    };
    const rt::TransactionId after = number_after(" AND id > ");
    const rt::TicketId ticket = number_after(" AND ObjectId = ");
    const auto names = rt::FieldNames().all();
    if (request.query.at("page") == "1") {
        for (auto one = rt_.changes.rbegin(); one != rt_.changes.rend() && one->first > after;
             ++one) {
            const rt::Change& change = one->second;
            if (ticket != 0 && change.ticket != ticket) continue;
            json item{{"id", std::to_string(change.id)},
                      {"ObjectId", std::to_string(change.ticket)},
                      {"Creator", {{"id", change.creator}}},
                      {"Type", change.kind == rt::Change::Kind::created   ? "Create"
                               : change.kind == rt::Change::Kind::message ? "Correspond"
                                                                          : "CustomField"}};
            if (change.kind == rt::Change::Kind::field) {
                const auto name = std::find(names.begin(), names.end(), change.field);
                item["Field"] = std::to_string(name - names.begin() + 1);
                item["OldValue"] = change.old_value;
                item["NewValue"] = change.new_value;
            }
            items.push_back(item);
            items.push_back(item);
        }
    }
    return {200, {{"total", nullptr}, {"pages", nullptr}, {"items", items}}};
}

std::uint64_t WireRt::group_number(const std::string& name) const {
    const auto found = rt_.members.find(name);
    if (found == rt_.members.end()) return 0;
    return 30 + static_cast<std::uint64_t>(std::distance(rt_.members.begin(), found));
}

WireRt::Answer WireRt::group(std::uint64_t id) const {
    for (const auto& [name, people] : rt_.members) {
        if (group_number(name) != id) continue;
        json members = json::array();
        for (const std::string& person : people) {
            members.push_back({{"type", "user"}, {"id", person}});
        }
        return {
            200,
            {{"Name", name}, {"Domain", "UserDefined"}, {"Disabled", "0"}, {"Members", members}}};
    }
    return {404, {{"message", "Not Found"}}};
}

}  // namespace tests
