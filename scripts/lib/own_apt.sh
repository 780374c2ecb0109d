# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# apt with a source list and folders of its own, which exist only as long as a script
# runs: it fetches and verifies, and the lists and caches of the system stay as they are.
# Needs say.sh, and WORK, a folder of the script's own.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# own_apt_begin < lines of sources.list
own_apt_begin() {
	mkdir -p "$WORK"/{none,lists/partial,cache/archives/partial,fetched}
	# apt downloads as its own user, when root starts it.
	chmod 755 "$WORK"
	((EUID != 0)) || chown _apt "$WORK/fetched" 2>/dev/null || true
	cat >"$WORK/sources.list"
	own_apt_settings >"$WORK/apt.conf"
}

# The clears keep the hooks of the system out, which are about the system's lists.
own_apt_settings() {
	cat <<-EOF
		Dir::Etc::sourcelist "$WORK/sources.list";
		Dir::Etc::sourceparts "$WORK/none";
		Dir::State::lists "$WORK/lists";
		Dir::Cache "$WORK/cache";
		APT::Get::AllowUnauthenticated "false";
		Acquire::AllowInsecureRepositories "false";
		Acquire::Retries "1";
		Acquire::http::Timeout "20";
		Acquire::https::Timeout "20";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	EOF
}

# own_apt ARGUMENTS...: apt-get; what it fetches is in WORK/fetched, what it says in
# WORK/log, which is shown if it fails.
own_apt() {
	(cd "$WORK/fetched" && apt-get -c "$WORK/apt.conf" -q "$@") >"$WORK/log" 2>&1 </dev/null &&
		return
	sed 's/^/  apt: /' "$WORK/log" >&2
	return 1
}

# own_apt_debian TYPE: lines of sources.list of the type (deb, deb-src) for the places
# where the system's packages came from; where apt does not know, for Debian's.
own_apt_debian() {
	local uri suite component codename signed=
	[[ ! -e $KEYRING ]] || signed="[signed-by=$KEYRING] "
	# shellcheck disable=SC2016 # a format of apt
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		"Created-By: Packages" "Origin: Debian" "Component: main" 2>/dev/null |
		while read -r uri suite component; do
			echo "$1 $signed$uri $suite $component"
		done | sort -u | grep . && return
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	[[ -n $codename ]] || return 1
	echo "$1 ${signed}http://deb.debian.org/debian $codename main"
}
