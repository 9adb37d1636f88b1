# The English interface. Keys are grouped by panel; zh-CN.ftl has the same keys, tests/it/house.rs checks that.
# Words of the trade (states, steps, roles, sources) are not here but in vocabulary/, one file a scheme.

## The program
app-title = Yunfushan
app-subtitle = 3D neighbourhood governance
demo-data = Demo data
language = Language
language-own-name = English
none = —
unknown = Unknown
yes = Yes
no = No
close = Close
cancel = Cancel
back = Back
more = More
copy = Copy
copied = Copied

## Title bar: where data comes from and how old it is
feed = Data
feed-issues = Issue feed
feed-patrols = Patrol feed
feed-live = Live
feed-connecting = Connecting
feed-lost = Lost { $age }
feed-refused = Refused
feed-none = Not connected
feed-retry = Retry in { $age }
feed-reason = Reason: { $reason }
feed-lost-hint = The picture keeps the last known state and updates by itself once the connection is back
feed-refused-hint = Log in, or check the API address and token
data-age = Data { $age }
data-from = Data as of { $time }
clock-scenario = Scenario time
clock-rate = { $rate }× speed
place-code = Code { $code }

## Indicators
counts-buildings = Buildings
counts-issues = Issues
counts-patrols = Patrols
counts-open = Open
counts-overdue = Overdue
counts-due-soon = Due soon
counts-today-new = New today
counts-today-closed = Closed today
counts-urgent = Urgent
counts-on-duty = On duty
counts-should-be-on-duty = Expected
counts-absent = Absent
counts-unplaced = Unplaced
counts-on-time-rate = Closed on time
counts-on-duty-of = On duty { $present } / { $expected } expected
counts-period-today = Since midnight
counts-n-of-m = { $n } / { $m }
rate-percent = { $value } %
rate-none = —
rate-formula-on-time = closed on time ÷ due in the period
counts-period-days = due in the last { $n } days
counts-due-soon-hint = due within { $span }
counts-duty = Out / expected
counts-silent = { $n } silent

## Lists
list-issues = Issues
list-patrols = Patrols
list-buildings = Buildings
list-empty-issues = No issue matches
list-empty-patrols = No patrols
list-awaiting = Waiting for data…
list-count = { $n ->
    [one] { $n } entry
   *[other] { $n } entries
}
list-shown-of = { $n } of { $total } shown
lens-open = Open issues
lens-all = All issues
lens-due = Due lately
lens-expected = On the roster now
list-sort-ascending = Ascending
list-sort-descending = Descending
column-number = Number
column-title = Title
column-class = Class
column-state = State
column-urgency = Urgency
column-address = Address
column-reported = Reported
column-deadline = Deadline
column-remaining = Remaining
column-responsible = Responsible
column-department = Department
column-source = Source
column-distance = Distance
column-name = Name
column-kind = Kind
column-last-seen = Last seen
column-community = Community
column-grid = Grid
column-duty = Shift
column-speed = Speed

## Filter, shared by map and list
filter = Filter
filter-state = State
filter-class = Class
filter-community = Community
filter-all-states = All states
filter-open-states = All open
filter-all-classes = All classes
filter-all-communities = All communities
filter-all-kinds = All kinds
filter-overdue-only = Overdue only
filter-urgent-only = Urgent only
filter-clear = Clear filter
filter-active = Filtered
filter-hidden = { $n } hidden by the filter
filter-none-chosen = Any

## Layers
layers = Layers
layer-buildings = Buildings
layer-issues = Issues
layer-patrols = Patrols
layer-trails = Trails
layer-areas = Areas
layer-labels = Labels
layer-roads = Roads
layer-water = Water
layer-green = Green
layer-ground = Ground

## Kinds of areas, each with its switch
areas-communities = Communities
areas-grids = Grids
areas-compounds = Compounds
areas-business-districts = Business districts
areas-alleys = Alleys

## The picture
preset = Quality
preset-low = Low
preset-medium = Medium
preset-high = High
preset-automatic = Automatic
preset-by-itself = Auto: { $preset }
view-home = Whole place
view-north = North up
view-night = Night
view-day = Day
view-hour = Light
view-hour-clock = As the clock
panel-show-left = Show figures
panel-hide-left = Hide figures
panel-show-right = Show lists
panel-hide-right = Hide lists
fullscreen = Full screen
scale-bar-m = { $n } m
scale-bar-km = { $n } km
compass-north = N

## What the colours of buildings say, and its legend
colouring = Colour by
colouring-none = Nothing
colouring-close = No colouring
colouring-unknown = Not known
colouring-total = { $n } buildings
colouring-separator = {", "}
colouring-between = { $from }–{ $to }
colouring-from = { $from } and more
colouring-years-before = Before { $year }
colouring-years-since = Since { $year }
colouring-within = Under { $span }
colouring-spans = { $from } to { $to }
colouring-from-span = Over { $span }
colouring-use = Use
colouring-use-unit = Use of the building
colouring-use-unknown = Other or not known
colouring-height = Height
colouring-height-unit = Metres above the ground
colouring-age = Year built
colouring-age-unit = The older, the lighter
colouring-age-unknown = Not recorded
colouring-issues = Open issues
colouring-issues-unit = Open issues at the building, now
colouring-issues-elsewhere = { $n } open issues are at no building
colouring-patrol = Last patrol
colouring-patrol-unit = Time since a patrol passed
colouring-patrol-unknown = Not passed
colouring-patrol-near = Passed: a track within { $n } m
colouring-patrol-since = Tracks since { $time }
colouring-heat = Heat of the day
colouring-heat-unit = Issues per hectare, since midnight
colouring-heat-today = { $n } reported today, smoothed over { $metres } m
colouring-heat-unplaced = { $n } of them not on the map

## Search
search = Search
search-placeholder = Search addresses, compounds, roads, issues
search-no-results = Nothing found for “{ $query }”
search-no-results-hint = Type Chinese, pinyin or initials, such as fsgy
search-results = { $n ->
    [one] { $n } result
   *[other] { $n } results
}
search-kind-building = Building
search-kind-address = Address
search-kind-compound = Compound
search-kind-community = Community
search-kind-road = Road
search-kind-place = Place
search-kind-issue = Issue
search-kind-patrol = Patrol
search-fly-there = Enter flies there

## Cards
card-name = Name
card-address = Address
card-use = Use
card-height = Height
card-height-value = { $metres } m
card-base-height = Base height
card-floors = Floors
card-floors-value = { $n ->
    [one] { $n } floor
   *[other] { $n } floors
}
card-year = Built
card-year-value = { $year }
card-subdistrict = Subdistrict
card-community = Community
card-grid = Grid
card-compound = Compound
card-management = Management
card-management-by = { $company }
card-business-district = Business district
card-stairwells = Stairwells
card-stairwells-value = { $stairwells } stairwells, { $households } households
card-stairwell = { $name } · { $households } households
card-steward = Steward
card-responsible = Responsible
card-department = Department
card-source-data = Source
card-building-id = Building id
card-issues-here = Issues here
card-no-issues-here = No open issues here
card-issues-in-compound = Issues in the compound
card-nearby-patrols = Patrols nearby
card-no-nearby-patrols = No patrol within { $radius } m
card-distance-m = { $n } m
card-distance-km = { $n } km
card-alley = Back lane
card-buildings = Buildings
card-buildings-value = { $n }
card-issues-in-area = { $n } open here
card-floors-open = Fan out storeys
card-floors-close = Close storeys
card-floor-issues = On storey { $n }
card-no-floor-issues = No issue names this storey
floor-number = { $n }F
card-fly-here = Fly here
card-follow = Follow
card-unfollow = Stop following
card-show-trail = Show trail
card-hide-trail = Hide trail
card-not-known = Not recorded

## Issue card
issue = Issue
issue-number = Number { $number }
issue-class = Class
issue-state = State
issue-urgency = Urgency
issue-source = Source
issue-address = Address
issue-description = Description
issue-reported = Reported
issue-updated = Updated
issue-closed = Closed
issue-deadline = Deadline
issue-no-deadline = No deadline
issue-suspended = Suspended, the clock stands
issue-clock-stopped = On hold
issue-urged = Urged { $n }×
issue-supervised = Supervised
issue-reopened = Reopened { $n }×
issue-unplaced = Not on the map
issue-merged-into = Merged into
issue-absorbed = Merged into this one
issue-other-system = Issue of { $system }, number { $number }, state: { $state }
issue-open-link = Open there
issue-at-building = Building
issue-history = History
issue-history-line = { $time } { $step } · { $actor }
issue-history-more = { $n } earlier steps
issue-extended = Extended
issue-extended-value = { $n } times, first deadline { $first }
issue-stopped = Clock stopped
issue-stopped-value = { $n } times, { $time } in all
case-next = Next steps
case-desk = Duty desk
case-note = Note (optional)
case-department = Lead department
case-days = { $n } days
case-confirm = Confirm
case-pending = Sending: { $step }…
case-taken = Done: { $step }
case-stale = Somebody has just changed this issue. It has been loaded again: look at it, then decide
case-not-allowed = { $step } is not possible in this state; the issue has been loaded again
case-refused = { $step } was refused: { $reason }
case-failed = { $step } may not have arrived: { $reason }
case-nothing = No step can be taken now
case-too-many = Too many requests; wait a little
case-into = Into which issue (number)
case-into-unknown = There is no issue of this number
case-into-none = Nothing alike is open within 50 m and 7 days
case-drop-photos = Drop photos on the window to attach them (closing on the spot takes two)
case-attaching = Sending the photo…
case-attached = Photos attached: { $n }
case-not-attached = The photo could not be attached: { $reason }
card-photos = Photos
card-photo = Photo { $time }
card-photo-awaited = Loading…

## A new issue
log-title = Log a new issue
log-place = Place
log-areas = Areas
log-class = Class
log-class-hint = Name, pinyin or code
log-no-classes = Asking for the classes…
log-what = What it is
log-what-hint = Title
log-likely = Open nearby, of the last seven days
log-likely-line = { $title } ({ $metres } m, { $time })
log-likely-hint = If it is the same, choose it: then it is merged
log-send = Log it (Enter)
log-send-merged = Log and merge (Enter)
log-pending = Logging…
log-refused = It was refused: { $reason }
log-failed = It may not have arrived: { $reason }
log-may-not = The post that is logged in may not report
placing = On the map: { $title }
placing-click = Click where it is · Esc leaves it
placing-drop = Let go where it is · over a panel it is left

# Logging in
login = Log in
login-account = Account
login-posts = Posts
login-password = Password
login-code = One-time code
login-new = New password (10 characters or more)
login-again = The new password again
login-first = First time, with a one-time code
login-in = Log in
login-out = Log out
login-pending = Logging in…
login-wrong = Account and password, or code, do not fit
login-too-many = Too many tries; wait { $time }
login-failed = Could not log in: { $reason }
login-ended = The session has ended; log in again
login-nobody = The server wants somebody to log in
login-by-start = Come in with the start token, acting for the duty desk
login-by-token = Come in with a token
card-helpers = Helpers
card-helpers-between = {", "}

## Patrol card
patrol = Patrol
patrol-kind = Kind
patrol-duty = Shift
patrol-duty-value = { $from }–{ $to }
patrol-no-duty = No shift today
patrol-on-duty = On duty
patrol-absent = Expected, absent
patrol-off-duty = Off duty
patrol-silent = Silent
patrol-never-seen = No position today
patrol-last-seen = Last seen
patrol-speed = Speed
patrol-speed-value = { $kmh } km/h
patrol-standing = Standing
patrol-battery = Battery
patrol-accuracy = Accuracy
patrol-accuracy-value = ±{ $metres } m
patrol-mock = Position looks faked
patrol-areas = Responsible for

## Time
ago-now = just now
ago-seconds = { $n } s ago
ago-minutes = { $n } min ago
ago-hours = { $n } h ago
ago-days = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-hours-minutes = { $hours } h { $minutes } min
span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
span-days-hours = { $days } d { $hours } h
remaining = { $span } left
overdue-by = { $span } overdue
due-now = Due now
# strftime formats, see jiff::fmt::strtime
format-time = %H:%M
format-time-seconds = %H:%M:%S
format-date = %-d %B %Y
format-date-time = %Y-%m-%d %H:%M
format-date-time-short = %-d %b %H:%M
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday

## Wall
wall-tour = Tour
wall-tour-next = Next in { $span }
wall-paused = Paused
wall-paused-resumes = Paused, goes on in { $span }
wall-start = Start the tour
wall-stop = Stop the tour
wall-urgent = Urgent
wall-urgent-new = New urgent issue
wall-urgent-since = Not taken for { $span }
wall-take = Take
wall-taken = Taken
wall-taken-by = Taken { $time }
wall-newest = Newest
wall-most-urgent = Most urgent
wall-nothing-urgent = Nothing urgent
wall-off = No tour
wall-overview = Overview
wall-figures = Today
wall-force = Patrols

## Notices and errors
notice-loading = Reading buildings…
notice-loaded = { $n } buildings read in { $span }
notice-refused-features = { $n } features could not be used
notice-repaired-features = { $n } features repaired
notice-data-report = Data report
notice-open-report = Show
notice-error = Nothing can be shown: { $reason }
notice-no-buildings = No buildings to show
notice-no-buildings-hint = Name a GeoJSON file with --buildings, or inspect it with yunfushan check
notice-device-lost = The graphics device was lost, recovering
notice-screenshot-saved = Picture saved: { $path }
report-title = Demo report
report-place = Place
report-buildings = Buildings
report-issues = Issues
report-patrols = Patrols
report-adapter = Adapter
report-preset = Quality
report-frame-time = Frame time
report-frame-time-value = median { $median } ms, 95 % { $p95 } ms
report-first-frame = First frame
report-memory = Memory
report-picture = Picture
report-line = { $name }: { $value }

## Help
help = Controls
help-orbit = Right drag: orbit
help-pan = Left drag: pan
help-zoom = Wheel: zoom
help-select = Click: select
help-keys = WASD pan, QE turn, RF tilt, +/- zoom
help-home = Home: whole place, Shift+N: north up
help-log = N or right click: log a new issue there
help-place = Drag an issue that is not on the map from the list to its place
help-floors = L: fan out the storeys of the chosen building, or close them
help-search = / or Ctrl+F: search
help-colouring = C, Shift+C: colour buildings by the next, the one before
help-escape = Esc: close

## What was changed in the data, and why something is not used
report-source = { $source }: { $features } features, { $shown } shown
report-feature = Feature { $name }: { $what }
report-broken = The file breaks off at byte { $byte }: { $what }
repair-ring-closed = ring closed
repair-duplicate-points = repeated points removed
repair-winding = direction of a ring turned round
repair-self-crossing = ring that crosses itself taken apart
repair-hole-outside = hole outside its ring left out
repair-hole-dropped = unusable hole left out
repair-part-dropped = unusable part left out
repair-not-area-dropped = points and lines beside the areas left out
repair-bare-geometry = geometry where a feature belongs
repair-swapped-lon-lat = latitude was written before longitude
repair-height-from-levels = height from the number of levels
repair-height-defaulted = height from the use
repair-height-unreadable = height or level that is no number
repair-height-negative = negative height not used
repair-height-absurd = height above 1,000 m not used
repair-height-zero = height of zero not used
repair-height-below-base = top below its base: height taken as thickness
repair-base-unusable = base height not used
repair-id-missing = no id: numbered
repair-id-repeated = id repeated: numbered
reason-no-geometry = no geometry
reason-not-an-area = not an area: { $kind }
reason-not-usable = not usable in this layer: { $kind }
reason-not-a-feature = not a feature
reason-nested-collection = a collection within a collection
reason-unknown-geometry = unknown type of geometry
reason-bad-coordinates = bad coordinates: { $what }
reason-out-of-range = coordinates out of range: { $x }, { $y }
reason-looks-like-metres = coordinates look like metres of a projection, and the file names none: { $x }, { $y }
reason-too-far = { $km } km from the rest
reason-too-few-points = a ring of fewer than three points
reason-no-area = zero area
reason-crosses-itself = crosses itself and encloses nothing
reason-too-intricate = crosses itself too often to be taken apart
reason-same-as = same id and geometry as feature { $index }

## yunfushan lifecycle
lifecycle-states = States, and where each step leads
lifecycle-roles = Who may take a step (in brackets: only on what is theirs)
lifecycle-stages = How long a stage may take
lifecycle-line = { $name }: { $what }
lifecycle-separator = {", "}
lifecycle-stays = { $steps }: the state stays
lifecycle-back = the state before
lifecycle-rest = the rest of the time until the deadline
stage-verifying = Verifying
stage-registering = Registering
stage-dispatching = Dispatching
stage-accepting = Accepting
stage-handling = Handling
stage-checking = Checking and closing
limit-work-hours = { $n ->
    [one] { $n } work hour
   *[other] { $n } work hours
}
limit-work-days = { $n ->
    [one] { $n } workday
   *[other] { $n } workdays
}
limit-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
limit-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
