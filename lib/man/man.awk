# SPDX-License-Identifier: MIT
#
# man.awk - the manual pages of section 3, from psring.h and their templates
#
#	awk -f man.awk -v header=psring.h -v out=DIRECTORY NAME.3.in...
#
# The header is the one place that says what a function takes, does and returns.
# A template has what a page has beside that, and lines that begin with @, each of
# which is replaced by what the header says:
#
#	@names F...	names of functions, of which the next four tell
#	@synopsis	their prototypes
#	@functions	what each does, with its parameters and its context
#	@returns	what each returns
#	@errors		the errors of each
#	@type T		struct, enum, or the #defines that T is the first of
#	@list F...	what each function is for, with a reference to its page
#	@head WORD...	the paragraph of the head comment that begins so
#
# What is in no page, or not in the header, is an error. Each function and type
# that is not itself the name of a page becomes a reference to its page.

function fail(message)
{
	print "man.awk: " message >"/dev/stderr"
	failed = 1
}

# The header: paragraphs with blank lines between, a comment and what it is about.

function read_header(	text)
{
	RS = ""
	while ((getline text <header) > 0)
		read_paragraph(text)
	close(header)
	RS = "\n"
	if (head == "")
		fail("cannot read " header)
}

function read_paragraph(text,	end, comment, name)
{
	sub(/^\/\* SPDX[^\n]*\n/, "", text)
	if (text ~ /^\/\*/) {
		end = index(text, "*/")
		comment = bare(substr(text, 1, end + 1))
		text = substr(text, end + 3)
	}
	if (text ~ /^#ifndef/)
		head = comment
	name = named(text)
	if (name == "")
		return
	code[name] = text
	about[name] = comment
	if (name ~ /^psr_/)
		read_function(name, comment)
}

# What a paragraph is about: "struct x", "enum x", "PSR_X", or a function.
function named(text,	words)
{
	split(text, words, /[ \t]+/)
	if (text ~ /^(struct|enum) [a-z_]+ [{]/)
		return words[1] " " words[2]
	if (text ~ /^#define PSR_/)
		return words[2]
	if (text ~ /^[a-z][^;]*\(/ && match(text, /psr_[a-z_]+\(/))
		return substr(text, RSTART, RLENGTH - 1)
	return ""
}

# A comment without its stars.
function bare(comment)
{
	gsub(/^\/\*+[ \n]|[ \n]*\*\/$/, "", comment)
	sub(/^ \* ?/, "", comment)
	gsub(/\n \* ?/, "\n", comment)
	return comment
}

function read_function(name, comment,	lines, count, i, part)
{
	if (code[name] !~ /^[^;]*;$/ || index(comment, name " - ") != 1)
		fail(name ": no comment of its own")
	count = split(comment, lines, "\n")
	part = "summary"
	sub(/^[a-z_]+ - /, "", lines[1])
	for (i = 1; i <= count; i++) {
		if (lines[i] ~ /^@/)
			part = "parameters"
		else if (lines[i] ~ /^Context: /)
			part = "context"
		else if (lines[i] ~ /^Return: /)
			part = "returns"
		else if (part == "returns" && lines[i] ~ /^  -E/)
			part = "errors"
		else if (lines[i] == "" && part != "context")
			part = "prose"
		sub(/^(Context|Return): /, "", lines[i])
		doc[name, part] = doc[name, part] lines[i] "\n"
	}
	is_function[name] = 1
}

# The page.

function put(text)
{
	if (text == ".Pp" && last ~ /^\.S[hs] /)
		return
	print text >file
	last = text
}

# What macro of mdoc marks a word; "" for none.
function macro(word)
{
	if (word ~ /^@[a-z_]+$/)
		return "Fa " substr(word, 2)
	if (word in is_function)
		return is_here[page, word] ? "Fn " word : "Xr " word " 3"
	if (("struct " word) in code)
		return "Vt struct " word
	if (word ~ /^E[A-Z][A-Z]+$/)
		return "Er " word
	if (word == "NULL" || word ~ /^[A-Z0-9]+_[A-Z0-9_]+$/)
		return "Dv " word
	if (word ~ /^[a-z_]+(\/[a-z_]+)+\.[ch]$/)
		return "Pa " word
	if (word ~ /^[a-z_]+\.[a-z_]+$/ ||
	    (word ~ /^[a-z]+_[a-z_]+$/ && word != "io_uring"))
		return "Va " word
	return ""
}

function flush_line()
{
	if (line != "")
		put(line)
	line = ""
}

function put_plain(word)
{
	gsub(/\\/, "\\e", word)
	sub(/^-/, "\\-", word)
	if (line == "")
		sub(/^[.']/, "\\\\\\&&", word)
	if (length(line) + length(word) > 72)
		flush_line()
	line = line (line == "" ? "" : " ") word
	if (word ~ /[.?!]\)?$/) # each sentence has a line of its own
		flush_line()
}

function put_word(word,	opening, closing, marked)
{
	if (match(word, /^\(?-?/))
		opening = substr(word, 1, RLENGTH)
	if (match(word, /[.,;:?)]+$/))
		closing = substr(word, RSTART)
	marked = macro(substr(word, length(opening) + 1,
		length(word) - length(opening) - length(closing)))
	if (marked == "") {
		put_plain(word)
		return
	}
	flush_line()
	sub(/-/, "\\-", opening)
	gsub(/./, " &", closing)
	put("." (opening == "" ? "" : "Pf " opening " ") marked closing)
}

function put_words(text,	words, count, i)
{
	count = split(text, words, /[ \t\n]+/)
	for (i = 1; i <= count; i++)
		if (words[i] != "")
			put_word(words[i])
	flush_line()
}

# A phrase of the header as a sentence.
function put_sentence(text)
{
	gsub(/^[ \t\n]+|[ \t\n]+$/, "", text)
	if (text ~ /^[a-z]+([ ,;:.]|$)/)
		text = toupper(substr(text, 1, 1)) substr(text, 2)
	put_words(text (text ~ /[.?!]\)?$/ ? "" : "."))
}

# Indented so that 80 columns of the header fit between a page's margins.
function put_literal(text,	lines, count, i)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	count = split(text, lines, "\n")
	put(".Bd -literal")
	for (i = 1; i <= count; i++) {
		lines[i] = expand(lines[i])
		sub(/^        /, "   ", lines[i])
		put(lines[i])
	}
	put(".Ed")
}

function expand(text,	at)
{
	while ((at = index(text, "\t")) > 0)
		text = substr(text, 1, at - 1) \
			sprintf("%" (8 - (at - 1) % 8) "s", "") \
			substr(text, at + 1)
	return text
}

# Paragraphs; a row of lines that begin with a tab stays as it is.
function put_prose(text,	paragraphs, count, i)
{
	gsub(/^\n+|\n+$/, "", text)
	count = split(text, paragraphs, /\n\n+/)
	for (i = 1; i <= count; i++) {
		if (paragraphs[i] ~ /^\t/) {
			put_literal(paragraphs[i])
			continue
		}
		put(".Pp")
		put_words(paragraphs[i])
	}
}

function put_synopsis(name,	text, before, arguments, count, i)
{
	text = code[name]
	gsub(/[ \t\n]+/, " ", text)
	before = substr(text, 1, index(text, name "(") - 1)
	sub(/ $/, "", before)
	sub(/^[^(]*\(/, "", text)
	sub(/\);$/, "", text)
	count = split(text, arguments, /, */)
	put(".Ft \"" before "\"")
	put(".Fo " name)
	for (i = 1; i <= count; i++)
		put(".Fa \"" arguments[i] "\"")
	put(".Fc")
}

function put_parameters(text,	parameters, count, i)
{
	if (text == "")
		return
	count = split(substr(text, 2), parameters, /\n@/)
	put(".Bl -tag -width Ds")
	for (i = 1; i <= count; i++)
		put_parameter(parameters[i])
	put(".El")
}

function put_parameter(text,	name, size)
{
	name = substr(text, 1, index(text, ":") - 1)
	text = substr(text, length(name) + 3)
	if (match(text, /^\[[a-z]+\]/)) { # how many elements it has
		size = " Ns Bq Va " substr(text, 2, RLENGTH - 2)
		text = substr(text, RLENGTH + 1)
	}
	put(".It Fa " name size)
	if (text ~ /[^ \t\n]/)
		put_sentence(text)
}

function put_function(name)
{
	put(".Ss " name)
	put_sentence(doc[name, "summary"])
	put_parameters(doc[name, "parameters"])
	put_prose(doc[name, "prose"])
	put(".Pp")
	put(".Em Context :")
	put_words(doc[name, "context"])
}

function put_returns(name,	text)
{
	text = doc[name, "returns"]
	if (text == "")
		return
	sub(/ or\n$/, " or a negative errno.", text)
	put(".It Fn " name)
	put_sentence(text)
}

# The list of errors, and what stands behind it.
function put_errors(name,	lines, count, i, item, rest)
{
	count = split(doc[name, "errors"], lines, "\n")
	if (count == 0)
		return
	put(".Pp")
	put(".Fn " name)
	put("fails with:")
	put(".Bl -tag -width Er -compact")
	for (i = 1; i <= count; i++) {
		if (lines[i] ~ /^  [^ ]/) {
			put_error(item)
			item = ""
		}
		if (lines[i] ~ /^  [^ -]/)
			rest = rest lines[i] "\n"
		else
			item = item lines[i] "\n"
	}
	put_error(item)
	put(".El")
	if (rest != "") {
		put(".Pp")
		put_sentence(rest)
	}
}

function put_error(item,	names)
{
	while (match(item, /^[ ,]*-E[A-Z0-9]+/)) {
		names = names (names == "" ? "" : " , ") \
			substr(item, index(item, "E"), RLENGTH - index(item, "E") + 1)
		item = substr(item, RLENGTH + 1)
	}
	if (names == "")
		return
	put(".It Er " names)
	sub(/^,? *(or )?/, "", item)
	put_sentence(item)
}

function put_head(words,	paragraphs, count, i)
{
	count = split(head, paragraphs, /\n\n+/)
	for (i = 1; i <= count; i++)
		if (index(paragraphs[i], words) == 1) {
			sub(/^[A-Z][a-z]+: /, "", paragraphs[i])
			put_sentence(paragraphs[i])
			return
		}
	fail(FILENAME ": the header does not begin with: " words)
}

# The directives.

function known(name)
{
	if (!(name in code))
		fail(FILENAME ": " name " is not in the header")
	return name in code
}

function document(name)
{
	if (!known(name))
		return 0
	if (name in page_of)
		fail(name " is in " page_of[name] " and in " page)
	page_of[name] = page
	is_here[page, name] = 1
	return 1
}

function begin_page()
{
	page = FILENAME
	sub(/.*\//, "", page)
	sub(/\.3\.in$/, "", page)
	if (file != "")
		close(file)
	file = out "/" page ".3"
	is_page[page] = 1
	function_count = 0
}

BEGIN {
	read_header()
}

FNR == 1 {
	begin_page()
}

/^@names / {
	for (i = 2; i <= NF; i++) {
		if (document($i))
			functions[++function_count] = $i
		put(".Nm " $i (i < NF ? " ," : ""))
	}
	next
}

/^@type / {
	name = substr($0, 7)
	if (document(name)) {
		put_prose(about[name])
		put_literal(code[name])
	}
	next
}

/^@list / {
	for (i = 2; i <= NF; i++)
		if (known($i)) {
			put(".It Xr " $i " 3")
			put_sentence(doc[$i, "summary"])
		}
	next
}

/^@head / {
	put_head(substr($0, 7))
	next
}

/^@returns$/ {
	put(".Bl -tag -width Ds")
	for (i = 1; i <= function_count; i++)
		put_returns(functions[i])
	put(".El")
	next
}

/^@(synopsis|functions|errors)$/ {
	for (i = 1; i <= function_count; i++)
		if ($1 == "@synopsis")
			put_synopsis(functions[i])
		else if ($1 == "@functions")
			put_function(functions[i])
		else
			put_errors(functions[i])
	next
}

/^@/ {
	fail(FILENAME ": no directive " $1)
	next
}

{
	put($0)
}

END {
	for (name in code) {
		if (!(name in page_of))
			fail(name " is in no page")
		target = page_of[name]
		sub(/.* /, "", name) # psr_info is a struct, and a function
		if (name !~ /^PSR/ && !(name in is_page))
			link[name] = target
	}
	for (name in link)
		print ".so man3/" link[name] ".3" >(out "/" name ".3")
	exit failed
}
