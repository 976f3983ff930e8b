namespace Trt.Cli.Commands.Run;

/// <summary>A colour for each class: those of the PASCAL VOC challenge, which segmentation tools know. Class 0 is black.</summary>
internal static class ClassColours
{
    /// <summary>Red, green and blue of 256 classes.</summary>
    public static byte[] Palette { get; } = Make();

    /// <summary>A class's colour for lines: twice as bright, and other than black also for class 0, so that it is seen.</summary>
    public static byte[] Line(int number) => Array.ConvertAll(Palette[(3 * (1 + (number % 255)))..(3 * (2 + (number % 255)))], value => (byte)Math.Min(255, 2 * value));

    /// <summary>The bits of the number go round the three channels, the lowest into the highest places, as VOC's development kit defines it.</summary>
    private static byte[] Make()
    {
        byte[] palette = new byte[3 * 256];
        for (int number = 0; number < 256; number++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                palette[(3 * number) + (bit % 3)] |= (byte)(((number >> bit) & 1) << (7 - (bit / 3)));
            }
        }

        return palette;
    }
}
