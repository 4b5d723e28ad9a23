# Who has to agree to a change. The last line that fits a file decides.
<<owners>>
