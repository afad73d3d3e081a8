package userpool

// Names of what users can be searched by beside some of their attributes.
const (
	SearchUsername   = "username"
	SearchEnabled    = "status" // Enabled or Disabled
	SearchUserStatus = "cognito:user_status"
)

// UserSearch says which users of a pool are wanted, and which part of the list.
type UserSearch struct {
	By     string // what the value is of; "" for every user
	Value  string // a user name folded by Pool.Fold, else as it was typed
	Prefix bool   // the value is only the beginning
	After  UserMark
	Limit  int
}

// SearchEntry is one of the things that a user is found by, in the form that the store gives it.
type SearchEntry struct {
	Attribute int64 // the store's number for it
	Value     string
	User      int64
}

// UserMark is a user's place in the order of a search: by the value searched and the user's number. So users who come
// or go between two pages neither hide others nor show them twice. The zero mark is before everybody.
type UserMark struct {
	Value string
	User  int64
}
