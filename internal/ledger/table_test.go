package ledger

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// The table stands in this page between two lines.
const (
	page = "../../docs/compatibility.md"
	from = "<!-- The table is written by make ledger. On a merge conflict in it, take either side and run make ledger again. -->\n"
	to   = "<!-- The end of the table of make ledger. -->\n"
)

// writeTable replaces the table in the page.
func writeTable() error {
	before, _, after, err := readPage()
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(before+from+ledger.table()+to+after), 0o644)
}

// compareTable says where the table in the page is not what was seen.
func compareTable() error {
	_, committed, _, err := readPage()
	if err != nil {
		return err
	}
	seen := ledger.table()
	if committed == seen {
		return nil
	}
	return fmt.Errorf("docs/compatibility.md does not say what was seen: run make ledger\n%s", difference(committed, seen))
}

func readPage() (before, table, after string, err error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return "", "", "", err
	}
	before, rest, begins := strings.Cut(string(text), from)
	table, after, ends := strings.Cut(rest, to)
	if !begins || !ends {
		return "", "", "", errors.New("the table in docs/compatibility.md has lost the line before or after it")
	}
	return before, table, after, nil
}

// difference shows the lines that are in one text only.
func difference(committed, seen string) string {
	var out strings.Builder
	only := func(sign, text, other string) {
		lines := strings.Split(other, "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if !slices.Contains(lines, line) {
				out.WriteString(sign + line + "\n")
			}
		}
	}
	only("- ", committed, seen)
	only("+ ", seen, committed)
	return out.String()
}

// table gives the figures, then lists the operations by noun: what was provoked, and what was not for which reason.
// Internal errors are left out of the list, and no row depends on another, so that changes merge.
func (b *book) table() string {
	var out strings.Builder
	out.WriteString(b.figures())
	for _, noun := range nouns {
		fmt.Fprintf(&out, "\n### %s\n\n| operation | provoked | not provoked |\n|---|---|---|\n", noun.name)
		for name := range strings.FieldsSeq(noun.operations) {
			out.WriteString(b.row(name))
		}
	}
	return out.String() + "\n"
}

// figures counts what was provoked: in all, and at the operations that this version has.
func (b *book) figures() string {
	var usual, internal, region, here count
	missing := map[string]int{}
	for _, op := range wire.Operations() {
		for _, exception := range op.Errors {
			p := pair{op.Name, exception}
			switch {
			case exception == op.InternalError:
				internal.add(b.has(p))
				continue
			case exception == "OperationNotEnabledException":
				region.add(b.has(p))
				continue
			}
			usual.add(b.has(p))
			if isAvailable(op.Name) {
				here.add(b.has(p))
				if !b.has(p) {
					missing[reasonFor(p)]++
				}
			}
		}
	}
	var reasons []string
	for _, reason := range order {
		if n := missing[reason]; n > 0 {
			reasons = append(reasons, fmt.Sprintf("%d *%s*", n, reason))
		}
	}
	return fmt.Sprintf(`
| pairs of operation and exception | provoked |
|---|---|
| all %d operations, without internal errors and OperationNotEnabled | %s |
| the %d operations of this version, likewise | %s; the others: %s |
| OperationNotEnabled, all operations | %s |
| internal errors, which no caller can provoke | %s |
`, len(wire.Operations()), usual, len(available), here, strings.Join(reasons, ", "), region, internal)
}

func (b *book) row(name string) string {
	op, _ := wire.Lookup(name)
	if !isAvailable(name) {
		return fmt.Sprintf("| `%s` | not available yet | |\n", name)
	}
	var seen []string
	missing := map[string][]string{}
	for _, exception := range op.Errors {
		p := pair{name, exception}
		switch {
		case b.has(p):
			seen = append(seen, short(exception))
		case exception != op.InternalError:
			missing[reasonFor(p)] = append(missing[reasonFor(p)], short(exception))
		}
	}
	return fmt.Sprintf("| `%s` | %s | %s |\n", name, strings.Join(seen, ", "), byReason(missing))
}

// byReason lists exceptions behind the reason why each was not provoked.
func byReason(missing map[string][]string) string {
	var parts []string
	for _, reason := range order {
		if exceptions := missing[reason]; len(exceptions) > 0 {
			parts = append(parts, "*"+reason+"* "+strings.Join(exceptions, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// nouns put the operations into sections of the table, so that those who work on different nouns change
// different sections.
var nouns = []struct{ name, operations string }{
	{"User pools", `AddCustomAttributes CreateUserPool DeleteUserPool DescribeUserPool ListUserPools UpdateUserPool
		GetUserPoolMfaConfig SetUserPoolMfaConfig GetUserPoolSessionConfiguration SetUserPoolSessionConfiguration
		GetSigningCertificate GetProvisionedLimit UpdateProvisionedLimit`},
	{"Replicas", `CreateUserPoolReplica DeleteUserPoolReplica ListUserPoolReplicas UpdateUserPoolReplica`},
	{"Log delivery", `GetLogDeliveryConfiguration SetLogDeliveryConfiguration`},
	{"Tags", `ListTagsForResource TagResource UntagResource`},
	{"App clients", `CreateUserPoolClient DeleteUserPoolClient DescribeUserPoolClient ListUserPoolClients UpdateUserPoolClient
		AddUserPoolClientSecret DeleteUserPoolClientSecret ListUserPoolClientSecrets
		GetUserPoolClientSessionConfiguration SetUserPoolClientSessionConfiguration GetClientToken`},
	{"Resource servers", `CreateResourceServer DeleteResourceServer DescribeResourceServer ListResourceServers UpdateResourceServer`},
	{"Identity providers", `CreateIdentityProvider DeleteIdentityProvider DescribeIdentityProvider GetIdentityProviderByIdentifier
		ListIdentityProviders UpdateIdentityProvider`},
	{"Domains", `CreateUserPoolDomain DeleteUserPoolDomain DescribeUserPoolDomain UpdateUserPoolDomain`},
	{"Branding", `GetUICustomization SetUICustomization CreateManagedLoginBranding DeleteManagedLoginBranding
		DescribeManagedLoginBranding DescribeManagedLoginBrandingByClient UpdateManagedLoginBranding`},
	{"Terms", `CreateTerms DeleteTerms DescribeTerms DescribeTermsByClient ListTerms UpdateTerms`},
	{"Risk", `DescribeRiskConfiguration SetRiskConfiguration AdminListUserAuthEvents AdminUpdateAuthEventFeedback UpdateAuthEventFeedback`},
	{"Groups", `CreateGroup DeleteGroup GetGroup ListGroups UpdateGroup
		AdminAddUserToGroup AdminListGroupsForUser AdminRemoveUserFromGroup ListUsersInGroup`},
	{"Users", `AdminCreateUser AdminDeleteUser AdminDisableUser AdminEnableUser AdminGetUser DeleteUser GetUser ListUsers`},
	{"Attributes", `AdminDeleteUserAttributes AdminUpdateUserAttributes DeleteUserAttributes GetUserAttributeVerificationCode
		UpdateUserAttributes VerifyUserAttribute`},
	{"Linked users", `AdminDisableProviderForUser AdminLinkProviderForUser`},
	{"User import", `CreateUserImportJob DescribeUserImportJob GetCSVHeader ListUserImportJobs StartUserImportJob StopUserImportJob`},
	{"Sign-up", `AdminConfirmSignUp ConfirmSignUp ResendConfirmationCode SignUp`},
	{"Passwords", `AdminResetUserPassword AdminSetUserPassword ChangePassword ConfirmForgotPassword ForgotPassword`},
	{"Sign-in", `AdminInitiateAuth AdminRespondToAuthChallenge InitiateAuth RespondToAuthChallenge
		AdminGetUserAuthFactors GetUserAuthFactors`},
	{"Tokens and sessions", `AdminUserGlobalSignOut GetTokensFromRefreshToken GlobalSignOut RevokeToken
		AdminListUserSessions AdminRevokeUserSession ListUserSessions RevokeUserSession`},
	{"Multi-factor authentication", `AdminDeleteSoftwareToken AdminSetUserMFAPreference AdminSetUserSettings AssociateSoftwareToken
		SetUserMFAPreference SetUserSettings VerifySoftwareToken`},
	{"Devices", `AdminForgetDevice AdminGetDevice AdminListDevices AdminUpdateDeviceStatus ConfirmDevice ForgetDevice GetDevice
		ListDevices UpdateDeviceStatus`},
	{"Passkeys", `CompleteWebAuthnRegistration DeleteWebAuthnCredential ListWebAuthnCredentials StartWebAuthnRegistration`},
}

// Every operation stands under one noun.
func TestNouns(t *testing.T) {
	times := map[string]int{}
	for _, noun := range nouns {
		for name := range strings.FieldsSeq(noun.operations) {
			if _, ok := wire.Lookup(name); !ok {
				t.Errorf("%s: there is no operation %s", noun.name, name)
			}
			times[name]++
		}
	}
	for _, op := range wire.Operations() {
		if times[op.Name] != 1 {
			t.Errorf("%s stands under %d nouns", op.Name, times[op.Name])
		}
	}
}
