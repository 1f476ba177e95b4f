// SPDX-License-Identifier: GPL-3.0-or-later
// Every role at every kind of transaction: whose attachments and fields count.
#include "rt-bridge/bridge/provenance.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using Kind = rt::Change::Kind;
using Texts = std::vector<std::string>;

/// alice made the ticket and is its requestor; bob may ask for MoveToUnverified.
class ProvenanceTest : public testing::Test {
  protected:
    ProvenanceTest() {
        ticket_.id = 7;
        ticket_.creator = "helpdesk";
        ticket_.requestors = {"alice"};
        change(10, Kind::created, "helpdesk");
    }

    void change(rt::TransactionId id, Kind kind, const std::string& by,
                const std::string& field = "", const std::string& old_value = "",
                const std::string& value = "") {
        history_.push_back({id, 7, kind, field, old_value, value, by});
        if (kind == Kind::field) ticket_.fields[field] = value;
    }

    void attach(rt::TransactionId id, const std::string& by, const std::string& name) {
        if (id != 10) change(id, Kind::message, by);
        attached(id, by, name);
    }

    void attached(rt::TransactionId id, const std::string& by, const std::string& name) {
        attachments_.push_back({id, id, name, "text/xml", 1, by});
    }

    Offer offer(rt::TransactionId up_to = 1000) {
        const Provenance provenance(ticket_, history_, up_to);
        const auto may = [](const std::string& user) { return user == "bob"; };
        const People providers = provenance.providers(may);
        return provenance.offer(attachments_, {}, [&](const std::string& user) {
            return may(user) ||
                   std::find(providers.begin(), providers.end(), user) != providers.end();
        });
    }

    Texts taken(rt::TransactionId up_to = 1000) {
        Texts names;
        for (const rt::Attachment& one : offer(up_to).attachments) names.push_back(one.name);
        return names;
    }

    rt::Ticket ticket_;
    std::vector<rt::Change> history_;
    std::vector<rt::Attachment> attachments_;
};

TEST_F(ProvenanceTest, WhoseAttachmentsCount) {
    attach(10, "helpdesk", "created.xml");
    for (const char* user : {"alice", "bob", "helpdesk", "mallory", "dave"}) {
        attach(20 + static_cast<rt::TransactionId>(user[0]), user, std::string(user) + ".tar.gz");
    }
    EXPECT_EQ(taken(), (Texts{"created.xml", "alice.tar.gz", "bob.tar.gz", "helpdesk.tar.gz"}));
    EXPECT_EQ(offer().passed_over, (Texts{"mallory.tar.gz of mallory", "dave.tar.gz of dave"}));
}

TEST_F(ProvenanceTest, TheTransactionSaysWhoItWasAndNotTheAttachment) {
    change(20, Kind::message, "mallory");
    attached(20, "alice", "forged.tar.gz");
    EXPECT_TRUE(taken().empty());
    EXPECT_EQ(offer().passed_over, Texts{"forged.tar.gz of mallory"});
}

TEST_F(ProvenanceTest, WhatComesAfterItWasAskedForHasNoPart) {
    attach(20, "alice", "first.tar.gz");
    attach(30, "alice", "second.tar.gz");
    EXPECT_EQ(taken(20), Texts{"first.tar.gz"});
    EXPECT_EQ(taken(29), Texts{"first.tar.gz"});
    EXPECT_TRUE(offer(20).passed_over.empty()) << "that is said where it came";
}

TEST_F(ProvenanceTest, ARequestorWhoSignedUpBecauseHeMayWatchIsNone) {
    ticket_.requestors = {"alice", "dave"};
    change(15, Kind::requestor, "dave", "", "", "dave");
    attach(20, "dave", "dave.tar.gz");
    EXPECT_TRUE(taken().empty());
    history_[1].creator = "bob";
    EXPECT_EQ(taken(), Texts{"dave.tar.gz"});
}

TEST_F(ProvenanceTest, AMergeBringsNobodysBytesAndNoRequestors) {
    ticket_.requestors = {"alice", "mallory"};
    change(30, Kind::merged, "carol");
    attached(12, "mallory", "merged.tar.gz");  // of the other ticket: not in this one's history
    attach(31, "mallory", "later.tar.gz");
    attach(32, "helpdesk", "good.tar.gz");
    EXPECT_EQ(taken(), Texts{"good.tar.gz"});
    EXPECT_EQ(offer().passed_over.size(), 2u);
}

TEST_F(ProvenanceTest, AFieldIsWhatOneWhoCountsSetLast) {
    ticket_.fields["SyncURL"] = "https://made/";
    EXPECT_EQ(offer().sync_url.value, "https://made/");
    EXPECT_EQ(offer().sync_url.by, "helpdesk");
    change(20, Kind::field, "bob", "SyncURL", "https://made/", "https://bob/");
    change(30, Kind::field, "carol", "SyncURL", "https://bob/", "https://carol/");
    change(31, Kind::field, "carol", "AssociatedMajorRelease", "", "umd4");
    EXPECT_EQ(offer().sync_url.value, "https://bob/");
    EXPECT_EQ(offer().sync_url.by, "bob");
    EXPECT_EQ(offer().line.value, "");
    EXPECT_EQ(offer().passed_over, (Texts{"SyncURL of carol", "AssociatedMajorRelease of carol"}));
    EXPECT_EQ(offer(19).sync_url.value, "https://made/");
    EXPECT_TRUE(offer(19).passed_over.empty());
}

TEST_F(ProvenanceTest, ASettingIsItsLastSetters) {
    ticket_.fields["Emergency"] = "yes";
    const auto setting = [&](rt::TransactionId up_to) {
        const Setting one = Provenance(ticket_, history_, up_to).setting("Emergency");
        return one.value + " " + one.by;
    };
    EXPECT_EQ(setting(1000), "yes helpdesk");
    change(20, Kind::field, "carol", "Emergency", "yes", "");
    change(30, Kind::field, "bob", "Emergency", "", "yes");
    EXPECT_EQ(setting(10), "yes helpdesk");
    EXPECT_EQ(setting(20), " carol");
    EXPECT_EQ(setting(30), "yes bob");
}

TEST_F(ProvenanceTest, WhoEverWasARequestorHadAHandInIt) {
    change(20, Kind::requestor, "demo", "", "demo", "");
    change(21, Kind::requestor, "bob", "", "", "group:others");
    EXPECT_EQ(Provenance(ticket_, history_, 10).people(),
              (People{"alice", "demo", "group:others", "helpdesk"}));
}

}  // namespace
}  // namespace bridge
