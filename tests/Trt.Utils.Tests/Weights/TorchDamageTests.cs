using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Files cut off anywhere or with single bits turned: refused with <see cref="TorchFormatException"/>, or read; nothing else.</summary>
public class TorchDamageTests
{
    private const int Flips = 3000;

    [SkippableTheory]
    [InlineData("mixed.pth", 7)]
    [InlineData("mixed_legacy.pth", 5)]
    [InlineData("lenet.pth", 20011)]
    [InlineData("lenet_legacy.pth", 20011)]
    [InlineData("hostile.pth", 1)]
    [InlineData("hostile_legacy.pth", 1)]
    public void A_file_that_is_cut_off_is_refused(string name, int step)
    {
        byte[] whole = File.ReadAllBytes(ModelFiles.FindOrSkip(name));
        for (int length = 0; length < whole.Length; length += step)
        {
            Assert.False(Checkpoint.ReadsOrIsRefused(whole[..length]), $"{name} cut to {length} of {whole.Length} bytes");
        }

        Assert.False(Checkpoint.ReadsOrIsRefused(whole[..^1]));
    }

    [Theory]
    [InlineData("mixed.pth", 64, 4282)] // data.pkl lies there (unzip -v)
    [InlineData("mixed_legacy.pth", 0, 5478)] // all five pickles (pickletools)
    public void A_turned_bit_in_the_structure_is_refused_or_read(string name, int start, int length)
    {
        byte[] content = File.ReadAllBytes(ModelFiles.Find(name));
        Random random = new(20240607);
        int refused = 0;
        for (int i = 0; i < Flips; i++)
        {
            int at = start + random.Next(length);
            byte mask = (byte)(1 << random.Next(8));
            content[at] ^= mask;
            refused += Checkpoint.ReadsOrIsRefused(content) ? 0 : 1;
            content[at] ^= mask;
        }

        Assert.InRange(refused, Flips / 4, Flips - 1); // most flips break something, some only change a name or a number
        Assert.True(Checkpoint.ReadsOrIsRefused(content));
    }

    [Theory]
    [InlineData("mixed.pth")]
    [InlineData("mixed_legacy.pth")]
    public void Several_random_bytes_anywhere_are_refused_or_read(string name)
    {
        byte[] good = File.ReadAllBytes(ModelFiles.Find(name));
        Random random = new(77);
        int refused = 0;
        for (int i = 0; i < Flips; i++)
        {
            byte[] content = [.. good];
            for (int j = random.Next(1, 6); j > 0; j--)
            {
                content[random.Next(content.Length)] = (byte)random.Next(256);
            }

            refused += Checkpoint.ReadsOrIsRefused(content) ? 0 : 1;
        }

        Assert.InRange(refused, 1, Flips);
    }

    [Fact]
    public void A_turned_bit_in_the_zip_directory_is_refused_or_read()
    {
        byte[] content = File.ReadAllBytes(ModelFiles.Find("mixed.pth"));
        int start = Enumerable.Range(0, content.Length).First(at => content.AsSpan(at).StartsWith("PK\x01\x02"u8));
        Random random = new(99);
        int refused = 0;
        for (int i = 0; i < Flips; i++)
        {
            int at = random.Next(start, content.Length);
            byte mask = (byte)(1 << random.Next(8));
            content[at] ^= mask;
            refused += Checkpoint.ReadsOrIsRefused(content) ? 0 : 1;
            content[at] ^= mask;
        }

        Assert.InRange(refused, Flips / 4, Flips - 1);
    }
}
