package userpool

import "slices"

// Second factors that are codes to an address, by their names in UserMFASettingList.
const (
	SMSMFA   = "SMS_MFA"
	EmailMFA = "EMAIL_OTP"
)

// MFA is what a user has chosen for the second factor.
type MFA struct {
	Enabled   []string `json:",omitzero"` // factors; nil for none
	Preferred string   `json:",omitzero"` // one of them, "" for none
	Options   bool     `json:",omitzero"` // chosen by the older operations, which show it as MFAOptions
}

// Drop takes a factor away.
func (m *MFA) Drop(factor string) {
	m.Enabled = slices.DeleteFunc(slices.Clone(m.Enabled), func(f string) bool { return f == factor })
	if len(m.Enabled) == 0 {
		m.Enabled = nil
	}
	if m.Preferred == factor {
		m.Preferred = ""
	}
	if factor == SMSMFA {
		m.Options = false
	}
}

// MFA gives the factors without which the user may not sign in: those that the user has enabled, unless the pool
// asks for none.
func (p *Pool) MFA(u *User) []string {
	if !p.secondFactors() {
		return nil
	}
	return u.MFA.Enabled
}
