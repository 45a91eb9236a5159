"""Fixed words for mistakes in a training loop."""

from layerscope.decoder.code_causes import Row

OF_LOOP: dict[str, Row] = {
    "probabilities": (
        ("the type of the labels",),
        "Labels of the same shape as the outputs are taken for probabilities, which are float; {0} was given.",
        (
            (
                "One-hot labels",
                "A row of zeros with a single 1 says the class by its place.",
                "Write labels.argmax(dim=1), one class number for each image; or labels.float().",
            ),
            (
                "Outputs without an axis for the classes",
                "After squeeze, argmax or out[:, 0] there is one number for each image, as there is one label.",
                "Give cross entropy the rows as they are, of shape (N, classes).",
            ),
            (
                "The wrong loss",
                "Several labels may be true for one image, or each is yes or no.",
                "Use nn.BCEWithLogitsLoss() with labels.float().",
            ),
        ),
    ),
    "loss-type": (
        ("the type on one side", "the type on the other"),
        "This loss computes with outputs and labels, so both must be float32 (Float).",
        (
            (
                "Labels as whole numbers",
                "A Dataset gives int64 (Long), and MSELoss, L1Loss and BCELoss want float32.",
                "Write labels.float().",
            ),
            (
                "Class numbers with the wrong loss",
                "For one of several classes cross entropy is meant, which wants whole numbers.",
                "Use nn.CrossEntropyLoss().",
            ),
            (
                "Numbers from NumPy",
                "NumPy and tables count in float64 (Double), torch's layers in float32.",
                "Write labels.float(), or torch.from_numpy(a.astype('float32')).",
            ),
        ),
    ),
    "between": (
        ("what is out of range",),
        "Binary cross entropy compares probabilities, from 0 to 1; some of {0} are none.",
        (
            (
                "The sigmoid is missing",
                "A Linear layer puts out any number; only behind a sigmoid it is a probability.",
                "Use nn.BCEWithLogitsLoss(), which has the sigmoid in it; or write torch.sigmoid(out).",
            ),
            (
                "The outputs are no numbers any more",
                "After steps that were too large the weights are what Python calls not a number.",
                "Print out before the loss, and use a smaller lr.",
            ),
            (
                "Labels that are no probabilities",
                "Class numbers such as 2, labels of -1 and 1, or masks from 0 to 255.",
                "Bring them to 0 and 1: masks / 255, (labels + 1) / 2; or use nn.CrossEntropyLoss() for classes.",
            ),
        ),
    ),
    "spatial": (
        ("the axes that the labels have, the batch included",),
        "The outputs are maps, one for each class; the labels must be maps of class numbers: (N, height, width).",
        (
            (
                "Masks with an axis of channels",
                "ToTensor and a Dataset give masks as (N, 1, height, width).",
                "Write masks.squeeze(1).long().",
            ),
            (
                "Masks as pictures or one-hot",
                "In place of class numbers they have a channel for each colour or each class.",
                "Write masks.argmax(dim=1) for one-hot masks; give each colour a class number.",
            ),
            (
                "One label for each image, and outputs that are maps",
                "A network for classes ends in (N, classes); here height and width are left.",
                "Flatten and add a Linear layer, or take the mean of the maps: x.mean(dim=(2, 3)).",
            ),
        ),
    ),
    "in-place": (
        ("what made the value", "how often it was changed", "how often it was changed when it was used"),
        "backward needs values of the forward pass, and one of them was overwritten meanwhile.",
        (
            (
                "A value that was changed in place",
                "x += y, x[0] = y, relu_ and inplace=True write over a value that the layer before needs.",
                "Write x = x + y, and nn.ReLU() without inplace=True.",
            ),
            (
                "The weights changed before backward",
                "optimizer.step() came between the forward pass and backward, as with two losses or two networks.",
                "Call backward for all losses, then step; or compute the outputs anew after step.",
            ),
            (
                "A state that is carried along",
                "A tensor kept from the batch before belongs to weights that have changed since.",
                "Write state = state.detach() between batches.",
            ),
            (
                "A weight changed by hand",
                "A tensor with requires_grad=True may not be written over while gradients are recorded.",
                "Do it within with torch.no_grad():, as in w -= lr * w.grad.",
            ),
        ),
    ),
    "numpy": (
        ("where the tensor lies",),
        "NumPy takes only tensors on the processor that record no gradients.",
        (
            (
                "The outputs or the loss still record gradients",
                "NumPy could not keep their history, so torch refuses.",
                "Write out.detach().cpu().numpy(); for a single number, such as a loss to plot, loss.item().",
            ),
            (
                "Evaluation with gradients",
                "Without no_grad all outputs record them.",
                "Write with torch.no_grad(): around the evaluation.",
            ),
            (
                "The tensor is on the graphics card",
                "NumPy and matplotlib work in the processor's memory.",
                "Write x.detach().cpu().numpy().",
            ),
        ),
    ),
    "embedding": (
        (),
        "A number in the input has no row in the table: an Embedding of n rows has the numbers 0 to n - 1.",
        (
            (
                "num_embeddings is too small",
                "It must be the largest number plus 1; words for padding and for the unknown count too.",
                "Print x.max(), and write nn.Embedding(len(vocabulary), size).",
            ),
            ("Numbers that count from 1", "The first row is 0.", "Subtract 1, or make the table one row longer."),
            ("A number below 0", "-1 for padding or the unknown is no row.", "Print x.min(), and give it a row."),
            (
                "A text longer than the model takes",
                "The places of the words are looked up in a table as well.",
                "Cut the text: tokenizer(text, truncation=True).",
            ),
        ),
    ),
    "parameters": (
        ("what was given",),
        "An optimizer wants the weights, which are tensors; {0} was given.",
        (
            (
                "Layers in the place of their weights",
                "A layer or network is no tensor; it has them.",
                "Write net.parameters(); for a few layers, list(net.fc1.parameters()) + list(net.fc2.parameters()).",
            ),
            (
                "A list around net.parameters()",
                "The list then holds one thing that is no tensor.",
                "Leave out the brackets; for two networks, list(a.parameters()) + list(b.parameters()).",
            ),
            (
                "Names in the place of weights",
                "state_dict is a dict, and a walk through it gives its names.",
                "Write net.parameters().",
            ),
            (
                "A single tensor",
                "The optimizer wants a list, of one tensor too.",
                "Write optim.SGD([w], lr=0.1).",
            ),
        ),
    ),
    "no-cuda": (
        (),
        "Something is to go to a graphics card (cuda), and this torch can use none.",
        (
            (
                "cuda is written into the code",
                "net.cuda() and device='cuda' work only where there is a card of NVIDIA and a torch for it.",
                'Write device = torch.device("cuda" if torch.cuda.is_available() else "cpu"), and net.to(device).',
            ),
            (
                "A torch for the processor was installed",
                "There is a card, but the package has nothing for it; pip on Windows installs that one.",
                "Take the command that pytorch.org gives for your CUDA, then restart.",
            ),
            (
                "A Mac, or a notebook without a card",
                "A Mac has mps in place of cuda; Colab gives a card only if it is asked for.",
                "Use torch.device('mps'), or Runtime, Change runtime type, T4 GPU.",
            ),
        ),
    ),
}
