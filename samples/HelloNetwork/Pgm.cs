namespace HelloNetwork;

/// <summary>A grey picture in a binary PGM file.</summary>
internal sealed record Pgm(int Width, int Height, byte[] Pixels)
{
    public static Pgm Load(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int at = 0;
        string magic = Word();
        int width = int.Parse(Word());
        int height = int.Parse(Word());
        int maximum = int.Parse(Word());
        at++;
        if (magic != "P5" || maximum != 255 || file.Length - at < width * height)
        {
            throw new InvalidDataException($"{path} is not a binary PGM file of 8 bits with all its pixels.");
        }

        return new Pgm(width, height, file[at..(at + (width * height))]);

        string Word()
        {
            while (at < file.Length && (char.IsWhiteSpace((char)file[at]) || file[at] == '#'))
            {
                at = file[at] == '#' ? Array.IndexOf(file, (byte)'\n', at) + 1 : at + 1;
            }

            int start = at;
            while (at < file.Length && !char.IsWhiteSpace((char)file[at]))
            {
                at++;
            }

            return System.Text.Encoding.ASCII.GetString(file, start, at - start);
        }
    }

    /// <summary>Every second row in characters, dark to light.</summary>
    public IEnumerable<string> Draw()
    {
        const string shades = " .:-=+*#%@";
        for (int y = 0; y < Height; y += 2)
        {
            yield return string.Concat(Enumerable.Range(0, Width).Select(x => shades[Pixels[(y * Width) + x] * (shades.Length - 1) / 255]));
        }
    }
}
